"""What was read and is not compared, each with the reason; shown at the end of the page."""

from __future__ import annotations

NOT_COMPARED = (
    ("NiMH, coulombic efficiency 90.3 to 91.0 % to the voltage's fall (NREL)",
     "the end of charge by falling voltage comes from warming, which the cell bench holds off"),
    ("Pralong et al. 1999: self-discharge follows temperature, hardly pressure",
     "a contradiction to Mao 1992, not a number; the order is a figure that can be set from 0 to 1"),
    ("Kim et al. 1992: faster self-discharge with 23 % KOH", "the model knows no electrolyte strength"),
    ("Specific energy of cells (60 to 183 Wh/kg)", "mass is an inventory figure and moves nothing in the physics"),
    ("Hubble, end-of-charge pressure +96 and -37 psi after 23,000 cycles",
     "two batteries that went opposite ways; the model has no drift of pressure"),
    ("1200 psi when fully charged (NASA LLIS 0704)", "space vessels, an upper limit; the model is of 35 bar vessels"),
    ("INTELSAT VI, 24.5 % fade without hydrogen precharge", "the model's cells have a precharge"),
    ("Vendor: 560 W a vessel, 250 MWh a year, calendar life of 30 years", "no physics of a store predicts them"),
    ("Material cost 49 and 83 USD/kWh", "active materials alone; the model prices vessels"),
    ("EPRI DER-VET: payback and discounted payback",
     "cost over the first year's income, whatever the later years bring; perdure adds the years up"),
    ("Lazard, PNNL: levelised costs of storage", "their worked tables were not at hand, only their beginnings"),
    ("EV charging sessions", "a demand, not a store"),
    ("PNNL: lead-acid, zinc-bromine, zinc-air", "not in the catalogue"),
    ("PNNL: prices of hydrogen storage", "a cavern; the model's tank is of metal hydride"),
    ("PNNL: lifetimes", "stated as assumptions of that study"),
    ("ATB: outlook for 2050", "no such set of costs is shipped"),
    ("Sodium-ion: 1,500 cycles at 60 °C, 12 minutes to 90 %", "outside the range the model states"),
    ("Any table of a vessel for the ground: pressure, voltage by rate, capacity by temperature",
     "none is public; whoever holds one can add it to validation/data"),
)  # fmt: skip
