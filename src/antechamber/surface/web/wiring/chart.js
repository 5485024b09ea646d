// The lag of one line's events as a chart no larger than a word (uPlot draws it).

import uPlot from "../vendor/uplot/uPlot.esm.js";

export class LagChart {
  #plot;
  #drawn = 0;

  constructor(container) {
    const colour = getComputedStyle(container).color; // resolved: a canvas knows no custom properties
    this.#plot = new uPlot(
      {
        width: 132,
        height: 32,
        padding: [3, 3, 3, 3],
        cursor: { show: false },
        legend: { show: false },
        axes: [{ show: false }, { show: false }],
        scales: { x: { time: true }, y: { range: (plot, low, high) => [0, Math.max(20, high * 1.15)] } },
        series: [
          {},
          {
            stroke: colour,
            width: 1.5,
            fill: colour.replace(/\)$/, " / 0.14)").replaceAll(",", " "),
            points: { show: true, size: 4, fill: colour, stroke: colour },
          },
        ],
      },
      [[], []],
      container,
    );
  }

  draw(lags) {
    const last = lags.at(-1)?.[0] ?? 0;
    if (last === this.#drawn) return;
    this.#drawn = last;
    this.#plot.setData([lags.map(([at]) => at), lags.map(([, ms]) => ms)]);
  }
}
