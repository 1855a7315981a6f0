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

  // A figure saved alone carries its heading and note, 16:9 at least, so that it can stand in a slide.
  function save(place, figure, format) {
    var caption = place.closest("figure").querySelector("figcaption");
    var heading = caption.querySelector("h3").textContent, note = caption.querySelector(".note");
    var own = figure.layout, margin = own.margin || {};
    var rows = Math.ceil(figure.data.filter(function (one) { return one.name && one.showlegend !== false; }).length / 5);
    var top = 62 + 20 * Math.max(rows, 1);
    var layout = Object.assign({}, own, {
      width: 960, height: Math.max(540, own.height + top), showlegend: own.showlegend !== false,
      margin: Object.assign({}, margin, { t: (margin.t || 40) + top - 20, l: Math.max(margin.l || 0, 76), r: 40 }),
      title: {
        text: heading, x: 0.02, xanchor: "left", y: 1, yanchor: "top", yref: "container", pad: { t: 14 }, font: { size: 19 },
        subtitle: { text: note ? note.textContent : "", font: { size: 13, color: "#66727f" } }
      }
    });
    var name = (document.title.split(" · ")[0] + " " + heading).replace(/[^\p{L}\p{N}]+/gu, "_");
    return Plotly.downloadImage({ data: figure.data, layout: layout },
      { format: format, width: layout.width, height: layout.height, scale: format === "png" ? 2 : 1, filename: name });
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
