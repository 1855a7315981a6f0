(function () {
  "use strict";
  var options = { displayModeBar: false, responsive: true };

  function draw(source) {
    var place = document.getElementById(source.dataset.figure);
    if (!place || place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    var figure = JSON.parse(source.textContent);
    Plotly.newPlot(place, figure.data, figure.layout, options);
    offer(place, figure);
  }

  // A figure saved alone says what it shows, of which study and candidate, and what it rests on: it may stand in a slide.
  function save(place, figure, format) {
    var box = place.closest("figure"), of = place.closest("[data-about]"), about = of ? of.dataset.about : "";
    var heading = box.querySelector("figcaption h3").textContent;
    var study = document.querySelector("h1").textContent;
    var told = [box.querySelector("figcaption .note"), place.closest(".panel") !== of && place.closest(".panel") &&
      place.closest(".panel").querySelector(".note"), box.querySelector(".warning")].filter(Boolean);
    var lines = [study].concat(told.map(function (one) { return one.textContent.trim(); }).filter(Boolean));
    lines = lines.map(function (one) { return wrapped(one, 128); }).reduce(function (all, some) { return all.concat(some); });
    if (about && heading.indexOf(about) < 0) heading += " · " + about;
    var sheet = document.createElement("div");
    sheet.style.cssText = "position:absolute;left:-9999px;width:960px";
    document.body.appendChild(sheet);
    var own = figure.layout, margin = own.margin || {}, gap = (margin.t || 40) - 40;
    var layout = Object.assign({}, own, {
      width: 960, height: Math.max(540, own.height + 60 + 17 * lines.length), showlegend: own.showlegend !== false,
      margin: Object.assign({}, margin, { t: 50 + 17 * lines.length + Math.max(gap, 0), l: Math.max(margin.l || 0, 76), r: Math.max(margin.r || 0, 40) }),
      title: {
        text: "<b>" + asWritten(heading) + "</b>", x: 0.02, xanchor: "left", y: 1, yanchor: "top", yref: "container",
        pad: { t: 14 }, font: { size: Math.min(19, 19 * 76 / columns(heading)) },
        subtitle: { text: lines.map(asWritten).join("<br>"), font: { size: 13, color: "#66727f" } }
      }
    });
    var name = [study, heading].join(" ").replace(/[^\p{L}\p{N}]+/gu, "_");
    return Plotly.newPlot(sheet, figure.data, layout).then(function () {
      var legend = sheet.querySelector(".legend"), high = legend ? legend.getBBox().height : 0;
      layout.margin.t += high;
      layout.height += high;
      return Plotly.relayout(sheet, { "margin.t": layout.margin.t, height: layout.height });
    }).then(function () {
      return Plotly.downloadImage(sheet, { format: format, width: layout.width, height: layout.height, scale: format === "png" ? 2 : 1, filename: name });
    }).then(function () { Plotly.purge(sheet); sheet.remove(); });
  }

  function asWritten(text) { return text.replace(/&/g, "&amp;").replace(/</g, "&lt;"); }

  function columns(text) { return text.length + (text.match(/[\u2e80-\uffef]/g) || []).length; }

  // Lines of at most so many columns; a Chinese character takes two and may be parted from the next.
  function wrapped(text, most) {
    var lines = [], line = "", wide = 0;
    (text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+/g) || []).forEach(function (part) {
      if (wide + columns(part) > most && line.trim() && !/^[，。；：、）”》]$/.test(part)) { lines.push(line.trim()); line = ""; wide = 0; }
      line += /^\s+$/.test(part) ? " " : part;
      wide += columns(part);
    });
    return line.trim() ? lines.concat(line.trim()) : lines;
  }

  function offer(place, figure) {
    if (!place.closest("figure") || !place.closest("figure").querySelector("figcaption h3")) return;
    var row = document.createElement("p");
    row.className = "save";
    ["svg", "png"].forEach(function (format) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = format.toUpperCase();
      button.addEventListener("click", function () { save(place, figure, format); });
      row.appendChild(button);
    });
    place.parentElement.insertBefore(row, place.nextSibling);
  }

  function visible(source) {
    var place = document.getElementById(source.dataset.figure);
    return place && place.offsetParent !== null;
  }

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  function drawVisible() {
    all("script[data-figure]").filter(visible).forEach(draw);
  }

  function fit(within) {
    all(".plot", within).forEach(function (place) {
      if (place.dataset.drawn && place.offsetParent !== null) Plotly.Plots.resize(place);
    });
  }

  all(".tabs button").forEach(function (button) {
    button.addEventListener("click", function () {
      var group = button.parentElement;
      all("button", group).forEach(function (other) {
        other.setAttribute("aria-selected", other === button ? "true" : "false");
      });
      all('.panel[data-of="' + group.dataset.group + '"]').forEach(function (panel) {
        panel.hidden = panel.id !== button.dataset.shows;
      });
      drawVisible();
      fit(document.getElementById(button.dataset.shows));
    });
  });

  function widths(choose) {
    all(".plot").forEach(function (place) {
      if (place.dataset.drawn) Plotly.relayout(place, choose(place));
    });
  }

  // Paper is narrower than the screen and shows every panel: lay out for it first, then draw at that width.
  window.addEventListener("beforeprint", function () {
    document.body.classList.add("printing");
    all(".panel[hidden]").forEach(function (panel) { panel.hidden = false; panel.dataset.opened = "yes"; });
    all("details:not([open])").forEach(function (part) { part.open = true; part.dataset.opened = "yes"; });
    drawVisible();
    widths(function (place) { return { width: place.clientWidth }; });
  });
  window.addEventListener("afterprint", function () {
    document.body.classList.remove("printing");
    all(".panel[data-opened]").forEach(function (panel) { panel.hidden = true; delete panel.dataset.opened; });
    all("details[data-opened]").forEach(function (part) { part.open = false; delete part.dataset.opened; });
    widths(function () { return { width: null, autosize: true }; });
  });
  drawVisible();
})();
