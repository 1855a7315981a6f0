(function () {
  "use strict";
  var options = { displayModeBar: false, responsive: true };

  function draw(source) {
    var place = document.getElementById(source.dataset.figure);
    if (!place || place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    var figure = JSON.parse(source.textContent);
    Plotly.newPlot(place, figure.data, figure.layout, options);
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
