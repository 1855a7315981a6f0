"""THE table of names: every column perdure writes, its unit, its label in both languages, how it is totalled;
and `Sourced`, a number that knows where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["en", "zh"]


class Confidence(StrEnum):
    """How well a number is founded, best first."""

    PUBLISHED = "published"  # read in the named source
    DERIVED = "derived"  # computed here from published numbers
    USER = "user"  # set in the case file
    CLAIM = "claim"  # a vendor's or press statement
    UNVERIFIED = "unverified"  # recalled, the source was not seen: check before relying on it
    ESTIMATE = "estimate"  # an engineering estimate

    def label(self, language: Language = "en") -> str:
        """The word a reader sees."""
        return self.value if language == "en" else _CONFIDENCE_ZH[self]


Founded = Literal["published", "derived", "user", "claim", "unverified", "estimate"]
"""A confidence as a case file writes it."""

_CONFIDENCE_ZH = {
    Confidence.PUBLISHED: "已发表",
    Confidence.DERIVED: "推导",
    Confidence.USER: "用户设定",
    Confidence.CLAIM: "宣称",
    Confidence.UNVERIFIED: "未核实",
    Confidence.ESTIMATE: "估计",
}


@dataclass(frozen=True, slots=True)
class Sourced:
    """A number with its unit, source and confidence; `low` and `high` give its stated range where known."""

    value: float
    unit: str
    source: str
    confidence: Confidence
    low: float | None = None
    high: float | None = None
    year: int | None = None
    note: str = ""

    def __float__(self) -> float:
        return float(self.value)

    @property
    def text(self) -> str:
        """'250 USD/kWh (150 to 400)'."""
        span = f" ({self.low:g} to {self.high:g})" if self.low is not None and self.high is not None else ""
        return f"{self.value:g} {self.unit}{span}".strip()


@dataclass(frozen=True, slots=True)
class Quantity:
    """One column: `total` says how a column becomes one number over time."""

    name: str
    unit: str
    en: str
    zh: str
    total: Literal["energy", "sum", "mean", "max", "min", "last", "none"] = "none"

    def label(self, language: Language = "en", currency: str = "") -> str:
        """'Import (kW)'; the unit's currency is filled in where it has one."""
        unit = self.unit.replace("currency", currency)
        return f"{self.zh if language == 'zh' else self.en}" + (f" ({unit})" if unit else "")


_TABLE = (
    # series, one row per step
    Quantity("start", "", "Interval start", "时段起点"),
    Quantity("load_kw", "kW", "Load", "负荷", "energy"),
    Quantity("generation_kw", "kW", "Generation", "发电", "energy"),
    Quantity("planned_kw", "kW", "Planned plant power (charging positive)", "计划功率(充电为正)"),
    Quantity("charge_kw", "kW", "Charging", "充电", "energy"),
    Quantity("discharge_kw", "kW", "Discharging", "放电", "energy"),
    Quantity("auxiliary_kw", "kW", "Auxiliaries", "辅助用电", "energy"),
    Quantity("import_kw", "kW", "Grid import", "电网购电", "energy"),
    Quantity("export_kw", "kW", "Grid export", "上网电量", "energy"),
    Quantity("curtailed_kw", "kW", "Curtailed generation", "弃电", "energy"),
    Quantity("unserved_kw", "kW", "Unserved load", "未供负荷", "energy"),
    Quantity("refused_kw", "kW", "Planned power the physics refused", "物理限制拒绝的计划功率", "energy"),
    Quantity("converter_loss_kw", "kW", "Converter loss", "变流器损耗", "energy"),
    Quantity("store_loss_kw", "kW", "Store loss", "储能本体损耗", "energy"),
    Quantity("self_discharge_kw", "kW", "Self-discharge", "自放电", "energy"),
    Quantity("stored_kwh", "kWh", "Stored energy at the start of the step", "步初储能量", "last"),
    Quantity("soc", "share", "State of charge", "荷电状态", "mean"),
    Quantity("unavailable_share", "share", "Capacity out of reach for a while", "暂不可用容量", "mean"),
    Quantity("temperature_c", "°C", "Store temperature", "储能温度", "mean"),
    Quantity("ambient_c", "°C", "Ambient temperature", "环境温度", "mean"),
    Quantity("pressure_bar", "bar", "Hydrogen pressure", "氢气压力", "max"),
    Quantity("voltage_v", "V", "Cell voltage", "单体电压", "mean"),
    Quantity("buy_price_per_kwh", "currency/kWh", "Purchase price", "购电价", "mean"),
    Quantity("sell_price_per_kwh", "currency/kWh", "Export price", "上网电价", "mean"),
    Quantity("energy_value_per_kwh", "currency/kWh", "Value of stored energy", "储能边际价值", "mean"),
    # a life, one row per project year
    Quantity("year", "", "Year", "年份"),
    Quantity("capacity_share", "share", "Remaining capacity at the start of the year", "年初剩余容量", "last"),
    Quantity("impedance_share", "share", "Ageing of the impedance (0 fresh, 1 aged map)", "阻抗老化程度", "last"),
    Quantity("capacity_kwh", "kWh", "Energy capacity", "能量容量", "last"),
    Quantity("charged_kwh", "kWh", "Energy charged (AC)", "充电电量(交流)", "sum"),
    Quantity("discharged_kwh", "kWh", "Energy discharged (AC)", "放电电量(交流)", "sum"),
    Quantity("converter_loss_kwh", "kWh", "Converter loss", "变流器损耗", "sum"),
    Quantity("store_loss_kwh", "kWh", "Store loss", "储能本体损耗", "sum"),
    Quantity("self_discharge_kwh", "kWh", "Self-discharge", "自放电", "sum"),
    Quantity("auxiliary_kwh", "kWh", "Auxiliary energy", "辅助用电量", "sum"),
    Quantity("refused_kwh", "kWh", "Planned energy the physics refused", "物理限制拒绝的计划电量", "sum"),
    Quantity("unserved_kwh", "kWh", "Load the connection could not serve", "并网容量不足的缺供电量", "sum"),
    Quantity("full_cycles", "", "Equivalent full cycles", "等效满循环数", "sum"),
    Quantity(
        "round_trip_share", "share", "AC round-trip efficiency, auxiliaries included", "交流往返效率(含辅助)", "mean"
    ),
    Quantity("mean_temperature_c", "°C", "Mean store temperature", "储能平均温度", "mean"),
    Quantity("max_temperature_c", "°C", "Highest store temperature", "储能最高温度", "max"),
    Quantity("max_pressure_bar", "bar", "Highest hydrogen pressure", "最高氢气压力", "max"),
    Quantity("cost_without", "currency", "Bill without storage", "无储能电费", "sum"),
    Quantity("cost_with", "currency", "Bill with storage", "有储能电费", "sum"),
    Quantity("saving", "currency", "Saving", "节省电费", "sum"),
    Quantity("service_income", "currency", "Income of services, part of the saving", "辅助服务收入(含于节省)", "sum"),
    Quantity("planned_saving", "currency", "Saving the plan foresaw", "计划节省电费", "sum"),
    Quantity("wear_price_per_kwh", "currency/kWh", "Wear price in the plan", "计划所用磨损价", "mean"),
    Quantity("replaced", "", "Store replaced at the start of the year", "年初更换", "sum"),
    Quantity("replaced_kwh", "kWh", "Modules replaced at the start of the year", "年初更换容量", "sum"),
    Quantity("added_kwh", "kWh", "Modules added at the start of the year", "年初增建容量", "sum"),
    Quantity("added_kw", "kW", "Converters added at the start of the year", "年初增建变流器", "sum"),
    Quantity("stacks_renewed", "", "Stacks renewed at the start of the year", "年初更换电堆", "sum"),
    Quantity("method", "", "Dispatch method", "调度方法"),
    # a bill, one row per billing month
    Quantity("period", "", "Billing month", "账单月"),
    Quantity("charge", "", "Charge", "费用项"),
    Quantity("import_kwh", "kWh", "Grid import", "购电量", "sum"),
    Quantity("export_kwh", "kWh", "Grid export", "上网电量", "sum"),
    Quantity("peak_without_kw", "kW", "Peak import without storage", "无储能最大需量", "max"),
    Quantity("peak_with_kw", "kW", "Peak import with storage", "有储能最大需量", "max"),
    # a cash flow, one row per year, income positive
    Quantity("investment", "currency", "Investment", "投资", "sum"),
    Quantity("replacement", "currency", "Replacement", "更换", "sum"),
    Quantity("addition", "currency", "Additions", "增建", "sum"),
    Quantity("operation", "currency", "Operation and maintenance", "运维", "sum"),
    Quantity("grant", "currency", "Grant", "补贴", "sum"),
    Quantity("tax", "currency", "Tax", "所得税", "sum"),
    Quantity("residual", "currency", "Residual value", "残值", "sum"),
    Quantity("decommissioning", "currency", "Decommissioning", "退役处置", "sum"),
    Quantity("depreciation", "currency", "Depreciation (not cash)", "折旧(非现金)", "sum"),
    Quantity("net", "currency", "Net cash flow", "净现金流", "sum"),
    Quantity("discounted", "currency", "Discounted net cash flow", "折现净现金流", "sum"),
    Quantity("cumulative", "currency", "Cumulative cash flow", "累计现金流", "last"),
    Quantity("cumulative_discounted", "currency", "Cumulative discounted cash flow", "累计折现现金流", "last"),
    # a sweep, one row per case and candidate
    Quantity("case", "", "Case", "算例"),
    Quantity("candidate", "", "Candidate", "方案"),
    Quantity("status", "", "Status", "状态"),
    Quantity("why", "", "Why there is no answer", "无结果的原因"),
    Quantity("part", "", "Part", "分片"),
    Quantity("content", "", "Digest of the case", "算例摘要值"),
    Quantity("currency", "", "Currency", "货币"),
    Quantity("npv", "currency", "Net present value", "净现值"),
    Quantity("irr", "share", "Internal rate of return", "内部收益率"),
    Quantity("irr_status", "", "Whether the internal rate is unique", "内部收益率是否唯一"),
    Quantity("payback_years", "years", "Payback", "静态回收期"),
    Quantity("discounted_payback_years", "years", "Discounted payback", "动态回收期"),
    Quantity("lcos_per_kwh", "currency/kWh", "Levelised cost with charging", "平准化储能成本(含充电)"),
    Quantity(
        "lcos_without_charging_per_kwh", "currency/kWh", "Levelised cost without charging", "平准化储能成本(不含充电)"
    ),
    Quantity("cost_per_cycle", "currency", "Cost of a full cycle", "单次满循环成本"),
    Quantity("first_year_saving", "currency", "Saving in the first year", "首年节省"),
    Quantity("mean_saving", "currency", "Saving a year (mean)", "年均节省"),
    Quantity("equivalent_annual_saving", "currency", "Net present value as even yearly amounts", "净现值等额年值"),
    Quantity("capacity_at_end_share", "share", "Remaining capacity in the last year", "末年剩余容量"),
    # tables of an answer
    Quantity("technology", "", "Technology", "技术"),
    Quantity("energy_kwh", "kWh", "Energy capacity when new", "新装能量容量"),
    Quantity("power_kw", "kW", "Rated power", "额定功率"),
    Quantity("component", "", "Component", "组成"),
    Quantity("source", "", "Source", "来源"),
    Quantity("confidence", "", "Confidence", "可信度"),
    Quantity("store", "", "Store", "储能"),
    # a study under uncertainty
    Quantity("draw", "", "Draw", "样本"),
    Quantity("draw_share", "share", "Share of draws below", "低于该值的样本比例"),
    Quantity("rival", "", "Rival", "对手"),
    Quantity("npv_base", "currency", "Net present value of the case as written", "算例原值净现值"),
    Quantity("npv_mean", "currency", "Mean net present value", "平均净现值"),
    Quantity("npv_deviation", "currency", "Standard deviation of it", "净现值标准差"),
    Quantity("npv_mean_error", "currency", "Standard error of the mean", "均值的标准误差"),
    *(
        Quantity(
            f"npv_p{share:02d}",
            "currency",
            f"Net present value, {share} % of draws below",
            f"{share} % 样本低于的净现值",
        )
        for share in (5, 10, 25, 50, 75, 90, 95)
    ),
    *(
        Quantity(
            f"life_years_p{share}",
            "years",
            f"Life of the first store, {share} % of draws below",
            f"{share} % 样本低于的首套寿命",
        )
        for share in (10, 50, 90)
    ),
    *(
        Quantity(
            f"mean_saving_p{share}",
            "currency",
            f"Saving a year, {share} % of draws below",
            f"{share} % 样本低于的年均节省",
        )
        for share in (10, 50, 90)
    ),
    Quantity("no_plan_share", "share", "Draws without a plan", "无可行计划的样本"),
    Quantity("loss_share", "share", "Chance of loss", "亏损概率"),
    Quantity("loss_share_low", "share", "Chance of loss, lower end", "亏损概率下限"),
    Quantity("loss_share_high", "share", "Chance of loss, upper end", "亏损概率上限"),
    Quantity("best_share", "share", "Chance to be the best and better than none", "为最优且优于不建的概率"),
    Quantity("ahead_share", "share", "Chance to be worth more than the rival", "优于对手的概率"),
    Quantity("ahead_share_low", "share", "Lower end of that chance", "该概率下限"),
    Quantity("ahead_share_high", "share", "Upper end of that chance", "该概率上限"),
    Quantity("difference_mean", "currency", "Mean difference of net present values", "净现值平均差"),
    Quantity("difference_p10", "currency", "Difference, 10 % of draws below", "10 % 样本低于的差值"),
    Quantity("difference_p90", "currency", "Difference, 90 % of draws below", "90 % 样本低于的差值"),
    Quantity("input", "", "Input", "输入"),
    Quantity("own", "", "The candidate's own (1) or common (0)", "方案自身（1）或公共（0）"),
    Quantity("rank", "", "Rank", "名次"),
    Quantity("importance", "", "Importance", "重要程度"),
    Quantity("importance_low", "", "Importance, lower end", "重要程度下限"),
    Quantity("importance_high", "", "Importance, upper end", "重要程度上限"),
    Quantity("direction", "", "Worth more (1) or less (-1) as it rises", "随其增大而升（1）或降（-1）"),
    Quantity("scenario", "", "Scenario", "情景"),
    Quantity("input_value", "", "Value of the input", "输入取值"),
    Quantity("input_base", "", "Value in the case", "算例原值"),
    Quantity("outages_per_year", "", "Outages a year", "年停电次数"),
    Quantity("outage_hours", "h", "Mean length of an outage", "平均停电时长"),
    Quantity("survived_share", "share", "Outages survived", "可维持的停电"),
    Quantity("lost_outages_per_year", "", "Outages not survived a year", "每年未能维持的停电"),
    Quantity(
        "lost_outages_per_year_p90",
        "",
        "Outages not survived a year, 90 % of draws below",
        "90 % 样本低于的未能维持停电",
    ),
    Quantity("beyond_share", "share", "Draws longer than the service tells", "超出服务给出时长的样本"),
)

QUANTITIES: dict[str, Quantity] = {quantity.name: quantity for quantity in _TABLE}


def label(name: str, language: Language = "en", currency: str = "") -> str:
    """The label of a column for tables and axes; raises KeyError for a name not in the table."""
    return QUANTITIES[name].label(language, currency)
