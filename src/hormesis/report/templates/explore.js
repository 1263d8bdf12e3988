"use strict";
/** The page's own script: it chooses from the packed data and draws. All numbers and sentences come from Python.
 * @typedef {{costs: number[], shares: number[], labels: string[], mean: (number|null)[][], half: (number|null)[][],
 *   strength: (number|null)[][], seeds: (number|null)[][][], least?: number[], may?: number[][], words?: string[]}} Answer
 * @typedef {Record<string, any>} Row
 * @typedef {{tab: string, title: string, note: string, keys: string[], labels: string[], groups: [string, number][],
 *   rows: [string, string[], string[]][]}} Table */
(async () => {
  /** @param {string} id @returns {any} */
  const $ = (id) => document.getElementById(id);
  /** @param {string} tag @param {string} [text] @param {Record<string, string>} [attributes] @returns {any} */
  const make = (tag, text, attributes) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    return element;
  };
  const binary = Uint8Array.from(atob(JSON.parse($("data").textContent)), (letter) => letter.charCodeAt(0));
  const stream = new Blob([binary]).stream().pipeThrough(new DecompressionStream("deflate"));
  const D = JSON.parse(await new Response(stream).text());
  /** @type {Record<string, Answer>} */
  const answers = D.answers;
  const keys = Object.keys(answers).map((key) => key.split("|"));
  const ASKED = ["budget", "domain", "scorer", "cost", "method"];
  /** @type {Record<string, any>} the state of the page; all of it is in the address */
  const S = { ...D.start, at: 0, tab: "shares", share: 0 };
  const key = () => ASKED.map((name) => S[name]).join("|");
  const answer = () => answers[key()];
  const said = (/** @type {number|null|undefined} */ value) =>
    value === null || value === undefined ? "–" : Math.abs(value) < 0.0095 && value !== 0 ? value.toPrecision(2) : value.toFixed(3);
  if (answer()) S.at = answer().costs[S.step];

  // What was measured, as rows.
  /** @param {Record<string, any[]>} columns @returns {Row[]} */
  const rowsOf = (columns) => {
    const names = Object.keys(columns);
    return names.length ? columns[names[0]].map((_, place) => Object.fromEntries(names.map((name) => [name, columns[name][place]]))) : [];
  };
  const { costs: costColumns, ...measured } = D.points;
  const points = rowsOf(measured);
  points.forEach((row, place) => { row.cost = {}; for (const label in costColumns) row.cost[label] = costColumns[label][place]; });
  const label = (/** @type {string} */ method) => (D.methods[method] || { label: method }).label;

  // Figures: a view each, redrawn when its frame changes and refilled otherwise.
  /** @type {Record<string, {frame: string, view: any, rows: Row[], columns: string[]}>} */
  const drawn = {};
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const words = () => D.themes[dark.matches ? "dark" : "light"];
  /** @param {string} name @param {Record<string, Row[]>} data @param {Record<string, any>} frame what ``@name`` is
   * @param {string} text what the figure shows @param {Row[]} rows its table @param {string[]} columns of it
   * @param {string} [short] what is beneath it */
  const draw = async (name, data, frame, text, rows, columns, short = text) => {
    const figure = /** @type {any} */ (document.querySelector(`[data-figure="${name}"]`));
    const plot = figure.querySelector(".plot");
    if (!plot.clientWidth) return;  // in a tab that is not shown
    figure.querySelector(".says").textContent = short;
    const replaced = { ...words(), ...frame };
    const wanted = JSON.stringify(replaced);
    if (!drawn[name] || drawn[name].frame !== wanted) {
      if (drawn[name]) drawn[name].view.finalize();
      let spec = JSON.stringify(D.specs[name]);
      for (const [word, value] of Object.entries(replaced)) spec = spec.replaceAll(JSON.stringify(word), JSON.stringify(value));
      const full = JSON.parse(spec);
      full.padding = { left: 2, right: frame.right || 6, top: 6, bottom: 2 };
      full.datasets = data;
      const options = { ast: true, actions: false, renderer: "svg", tooltip: { disableDefaultStyle: true, offsetX: 12 }, defaultStyle: false };
      const { view } = await /** @type {any} */ (window).vegaEmbed(plot, full, options);
      view.addEventListener("click", (/** @type {any} */ _, /** @type {any} */ item) => item && item.datum && item.datum.asks && toTexts(item.datum.asks));
      drawn[name] = { frame: wanted, view, rows, columns };
    } else {
      const { view } = drawn[name];
      for (const [set, values] of Object.entries(data)) view.data(set, values);
      await view.runAsync();
    }
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", text);
    plot.querySelectorAll("svg").forEach((/** @type {any} */ svg) => svg.setAttribute("aria-hidden", "true"));
    Object.assign(drawn[name], { rows, columns });
    if (figure.querySelector("details").open) fillRows(figure, name);
  };
  /** @param {any} figure @param {string} name */
  const fillRows = (figure, name) => {
    const { rows, columns } = drawn[name];
    const table = { keys: columns.slice(0, 1), labels: columns.slice(1), groups: [], rows: rows.map((row) => ["", [String(row[columns[0]] ?? "–")], columns.slice(1).map((column) => typeof row[column] === "number" ? said(row[column]) : String(row[column] ?? "–"))]) };
    figure.querySelector(".scroll").replaceChildren(tableOf(/** @type {any} */ (table)));
  };
  /** @param {string} name @param {string} kind */
  const save = async (name, kind) => {
    const { view, rows, columns } = drawn[name];
    const quoted = (/** @type {any} */ value) => {
      const text = String(value ?? "");
      return `"${(/^[=+\-@\t\r]/.test(text) && typeof value !== "number" ? "'" : "") + text.replaceAll('"', '""')}"`;
    };
    const csv = () => "data:text/csv;charset=utf-8," + encodeURIComponent([columns, ...rows.map((row) => columns.map((column) => row[column]))].map((line) => line.map(quoted).join(",")).join("\n"));
    const link = make("a", "", { download: `${name}.${kind}`, href: kind === "csv" ? csv() : await view.toImageURL(kind, 2) });
    link.click();
  };
  document.querySelectorAll("figure").forEach((figure) => {
    const name = /** @type {string} */ (figure.dataset.figure);
    /** @type {any} */ (figure.querySelector("details")).addEventListener("toggle", () => drawn[name] && fillRows(figure, name));
    figure.querySelectorAll("[data-save]").forEach((button) => button.addEventListener("click", () => save(name, /** @type {any} */ (button).dataset.save)));
  });

  /** Places of labels at the ends of lines, pushed apart where they are near. @param {Row[]} ends @param {string} x
   * @param {number} wide @param {number} gap @returns {Row[]} */
  const apart = (ends, x, wide, gap) => {
    const placed = /** @type {Row[]} */ ([]);
    for (const row of [...ends].sort((a, b) => a.value - b.value)) {
      const near = placed.filter((other) => Math.abs(other[x] - row[x]) < wide).map((other) => other.value + gap);
      placed.push({ ...row, value: Math.max(row.value, ...near) });
    }
    return placed;
  };
  const rangeOf = (/** @type {Row[]} */ rows) => [Math.min(...rows.map((row) => row.value)), Math.max(...rows.map((row) => row.value))];
  const spreadOf = (/** @type {Row[]} */ rows) => rangeOf(rows)[1] - rangeOf(rows)[0] || 1;

  /** The trade-off and the dose–response at the state's budget. */
  const drawAnswer = async () => {
    const found = answer();
    const { percent, shares } = D;
    const last = found.costs.length - 1;
    const span = [found.costs[0], found.costs[last]];
    const same = points.filter((row) => row.budget === S.budget && row.domain === S.domain && row.scorer === S.scorer && row.cost[S.cost] !== null && row.cost[S.cost] !== undefined);
    const beside = (/** @type {string} */ curve) => curve !== S.method && D.methods[curve] && (D.methods[curve].of === S.method || curve.endsWith(" + " + S.method) || !keys.some((each) => each[4] === curve));
    const tip = (/** @type {Row} */ row) => [
      `${shares[row.share]} toxic, seed ${row.seed}`,
      row.strength ? `${label(row.curve)}, α = ${row.strength}` : row.curve === S.method ? "no intervention" : label(row.curve),
      `toxicity ${said(row.value)}${row.low === null ? "" : ` (${said(row.low)} to ${said(row.high)})`}, n = ${row.n ?? "?"}`,
      `cost ${said(row.cost[S.cost])} nats a token`, row.cell, D.samples.shown ? "click: what it wrote" : ""].filter(Boolean).join("\n");
    const dot = (/** @type {Row} */ row) => ({ share: shares[row.share], seed: row.seed, arm: label(row.curve), strength: row.strength, cost: row.cost[S.cost], value: row.value, low: row.low, high: row.high, n: row.n, cell: row.cell, tip: tip(row), asks: { share: shares[row.share], method: row.strength ? row.curve : "base", seed: row.seed } });
    const own = same.filter((row) => row.curve === S.method).map(dot);
    const others = same.filter((row) => beside(row.curve) && row.strength !== 0).map(dot);
    const lines = found.shares.flatMap((share, place) => found.costs.map((cost, step) => ({ share: shares[share], cost, value: found.mean[step][place] })).filter((row) => row.value !== null));
    const marks = found.shares.map((share, place) => {
      const mean = found.mean[S.step][place], half = found.half[S.step][place];
      const [low, high] = mean === null || half === null ? [null, null] : [mean - half, mean + half];
      const counted = found.seeds[S.step][place].filter((value) => value !== null).length;
      return { share: shares[share], x: percent[share], cost: S.at, value: mean, low, high, seeds: counted, strength: found.strength[S.step][place],
        tip: `${shares[share]} toxic\n${label(S.method)} at a cost ≤ ${S.at}\ntoxicity ${said(mean)}${half === null ? "" : ` (95 % t ${said(low)} to ${said(high)})`}\n${counted} seeds, α ≈ ${said(found.strength[S.step][place])}` };
    });
    const known = marks.filter((row) => row.value !== null);
    const spread = spreadOf([...own, ...others]);
    const ends = /** @type {Row[]} */ (found.shares.map((share) => lines.filter((row) => row.share === shares[share]).at(-1)).filter(Boolean));
    const beyond = own.filter((row) => row.cost > span[1]).length;
    const listed = known.map((row) => `${row.share}: ${said(row.value)}`).join("; ");
    const short = `Line: what ${label(S.method)} leaves for at most that cost, mean of seeds, by toxic share. Dot: one model at one strength. Grey: controls, other arms.${beyond ? ` ${beyond} dots lie beyond the right edge.` : ""}`;
    const text = `Mean toxicity on ${S.domain} against capability cost (${S.cost}). ${short} At a cost of at most ${S.at}: ${listed || "not reached in all seeds"}.`;
    await draw("tradeoff", { others, lines, points: own, chosen: [{ cost: S.at }], marks: known, labels: apart(ends, "cost", (span[1] - span[0]) * 0.14, spread * 0.05) },
      { "@span": [span[0] - (span[1] - span[0]) * 0.02, span[1]], "@range": rangeOf([...own, ...others]), "@costtitle": `capability cost: ${S.cost}, nats a token`, right: 40 }, text, [...own, ...others], ["share", "seed", "arm", "strength", "cost", "value", "low", "high", "n", "cell"], short);
    const unsteered = found.shares.map((share) => {
      const values = same.filter((row) => row.curve === S.method && row.share === share && row.strength === 0).map((row) => row.value);
      const value = values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
      return { x: percent[share], value, tip: `${shares[share]} toxic, no intervention\ntoxicity ${said(value)}, mean of ${values.length}` };
    }).filter((row) => row.value !== null);
    const seeds = found.shares.flatMap((share, place) => found.seeds[S.step][place].map((value, seed) => ({ share: shares[share], x: percent[share], value, tip: `${shares[share]} toxic, seed ${found.labels[seed]}\ntoxicity ${said(value)}` })).filter((row) => row.value !== null));
    const controls = keys.filter((each) => ASKED.slice(0, 4).every((name, place) => each[place] === S[name]) && beside(each[4])).flatMap((each) => {
      const other = answers[each.join("|")];
      return other.shares.map((share, place) => ({ x: percent[share], value: other.mean[S.step][place], tip: `${label(each[4])}\n${shares[share]} toxic, toxicity ${said(other.mean[S.step][place])}` })).filter((row) => row.value !== null);
    });
    const every = [...found.seeds.flat(2), ...unsteered.map((row) => row.value)].filter((value) => value !== null);
    const wide = (Math.max(...percent) - Math.min(...percent)) * 0.03 || 1;
    const bars = known.filter((row) => row.low !== null && row.seeds > 2);
    await draw("dose", { unsteered, others: controls, points: seeds, marks: known, bars }, { "@range": [Math.min(...every), Math.max(...every)], "@across": [Math.min(...percent) - wide, Math.max(...percent) + wide] },
      `Mean toxicity on ${S.domain} by toxic share, ${label(S.method)} at a cost of at most ${S.at} (${S.cost}): ${listed || "not reached in all seeds"}. Bars: 95 % t over three seeds or more; small dots: seeds; dashed: without intervention; grey crosses: controls at the same cost.`, marks, ["share", "value", "low", "high", "seeds", "strength"]);
  };

  // The questions.
  /** @param {any} select @param {string[]} values @param {(value: string) => string} [named] */
  const options = (select, values, named) => select.replaceChildren(...values.map((value) => make("option", named ? named(value) : value, { value })));
  const unique = (/** @type {any[]} */ values) => [...new Set(values)];
  const choices = () => ASKED.forEach((name, place) => {
    const possible = keys.filter((each) => !D.methods[each[4]].control || keys.every((one) => D.methods[one[4]].control));
    const fits = name === "scorer" ? possible.filter((each) => each[1] === S.domain) : possible;
    options($(name), unique(fits.map((each) => each[place])), name === "method" ? label : undefined);
    $(name).value = S[name];
  });
  /** The state that is closest to the asked one and has an answer. @param {string} asked */
  const settle = (asked) => {
    if (answer()) return;
    const score = (/** @type {string[]} */ each) => ASKED.reduce((sum, name, place) => sum + (each[place] === S[name] ? (name === asked ? 10 : 1) : 0), D.methods[each[4]].control ? -0.5 : 0);
    const best = keys.reduce((one, other) => (score(other) > score(one) ? other : one), keys[0]);
    ASKED.forEach((name, place) => { S[name] = best[place]; });
  };
  const remember = () => { const { step, ...state } = S; history.replaceState(null, "", "#" + new URLSearchParams(state)); };
  const update = async () => {
    if (keys.length) {
      const found = answer();
      S.step = found.costs.reduce((best, cost, step) => (Math.abs(cost - S.at) < Math.abs(found.costs[best] - S.at) ? step : best), 0);
      S.at = found.costs[S.step];
      const name = S.cost.startsWith("ΔCE") ? "ΔCE" : "CE above the baseline";
      Object.assign($("at"), { max: found.costs.length - 1, value: S.step });
      $("at-said").textContent = `${name} ≤ ${S.at}`;
      $("at").setAttribute("aria-valuetext", `${name} at most ${S.at} nats a token`);
      $("budget-said").textContent = S.at;
      const [verdict, ...why] = (found.words ? found.words[S.step] : "A control is compared, and not recommended.").split(": ");
      $("verdict").textContent = verdict + (why.length ? ":" : "");
      $("why").textContent = why.join(": ");
      $("again").textContent = `hormesis study recommend RESULTS --budget ${S.at} --prompts '${S.domain}' --method '${S.method}' ${D.definitions[S.cost]}`;
      choices();
      await drawAnswer();
    }
    await drawViews();
    remember();
  };
  const read = () => {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) if (name in S && name !== "step") S[name] = name === "at" || name === "share" ? Number(value) || 0 : value;
    settle("domain");
  };

  // Tables.
  /** @param {Table} table @returns {any} */
  const tableOf = (table) => {
    const element = make("table"), head = make("thead"), body = make("tbody");
    if (table.groups.length) {
      const groups = make("tr");
      table.groups.forEach(([text, columns]) => groups.append(make(text ? "th" : "td", text, { colspan: String(columns), ...(text ? { class: "group", scope: "colgroup" } : {}) })));
      head.append(groups);
    }
    const names = make("tr");
    table.keys.forEach((text) => names.append(make("th", text, { scope: "col", class: "key" })));
    table.labels.forEach((text) => names.append(make("th", text, { scope: "col" })));
    head.append(names);
    table.rows.forEach(([kind, keyed, cells]) => {
      const row = make("tr", undefined, { class: kind });
      keyed.forEach((text) => row.append(make("th", text, { scope: "row" })));
      cells.forEach((text) => {
        const [value, interval] = text.split("\n"), cell = make("td", value);
        if (interval) cell.append(make("small", interval));
        row.append(cell);
      });
      body.append(row);
    });
    element.append(head, body);
    return element;
  };
  D.tables.forEach((/** @type {Table} */ table) => {
    const panel = $(table.tab), place = panel.querySelector(".tables"), details = make("details");
    details.append(make("summary", table.title));
    details.addEventListener("toggle", () => {
      if (!details.open || details.children.length > 1) return;
      const scroll = make("div", undefined, { class: "scroll", tabindex: "0", role: "region", "aria-label": table.title });
      if (table.rows.length) { scroll.append(tableOf(table)); details.append(scroll); }
      if (table.note) details.append(make("p", table.note, { class: "note" }));
    });
    details.open = table.rows.length < 60 && !place.children.length;
    place.append(details);
    panel.hidden = false;
  });

  // Views in tabs.
  const views = Object.fromEntries(Object.entries(D.views).map(([name, columns]) => [name, rowsOf(/** @type {any} */ (columns))]));
  const drawViews = async () => { if (views[S.tab]) await drawView(S.tab); };
  /** @param {string} name */
  const drawView = async (name) => {
    const chosen = views[name].filter((row) => row.group === $(`${name}-group`).value);
    if (name === "heads") {
      const share = D.shares[S.share] ?? D.shares[0];
      Object.assign($("heads-share"), { max: D.shares.length - 1, value: S.share });
      $("heads-said").textContent = share;
      $("heads-share").setAttribute("aria-valuetext", share);
      const values = chosen.map((row) => row.value), here = chosen.filter((row) => row.share === share);
      here.forEach((row) => { row.tip = `layer ${row.layer}, head ${row.head}\n${row.share} toxic: ${said(row.value)}, mean of ${row.seeds} seeds`; });
      const best = here.reduce((one, other) => (one && one.value >= other.value ? one : other), here[0]);
      await draw(name, { rows: here }, { "@span": [Math.min(...values), Math.max(...values)], right: 6 }, here.length ? `${$("heads-group").value} of each head at a toxic share of ${share}, mean over seeds; the best is head ${best.head} of layer ${best.layer}: ${said(best.value)}.` : `Not measured at ${share}.`, here, ["layer", "head", "value", "seeds"]);
      return;
    }
    const across = name === "geometry" ? "layer" : "step", grouped = name === "tampering" ? "series" : "share";
    chosen.forEach((row) => { row.tip = `${row.series || `${row.share} toxic`}${row.of ? `, ${row.of}` : ""}${row.seed ? `, seed ${row.seed}` : ""}\n${across} ${row[across]}: ${said(row.value)}${row.seeds ? `, mean of ${row.seeds}` : ""}`; });
    const names = unique(chosen.map((row) => row[grouped] + (row.of || "") + (row.seed || "")));
    const series = names.map((each) => chosen.filter((row) => row[grouped] + (row.of || "") + (row.seed || "") === each));
    const peak = (/** @type {Row[]} */ rows) => rows[rows.length - 1].value;
    const order = [...series].sort((a, b) => peak(b) - peak(a));
    const shown = name === "tampering" ? order.slice(0, 8) : order;
    shown.forEach((rows, rank) => rows.forEach((row) => { row.rank = rank; }));
    const right = Math.max(...chosen.map((row) => row[across]));
    const labelled = name === "tampering" ? shown : unique(chosen.map((row) => row.share)).map((share) => shown.filter((rows) => rows[0].share === share && (!rows[0].of || rows[0].of === "toxicity"))[0]).filter(Boolean);
    const ends = labelled.map((rows) => ({ ...rows[rows.length - 1], [across]: right }));
    await draw(name, { rows: shown.flat(), others: order.slice(shown.length).flat(), labels: apart(ends, across, 1, spreadOf(chosen) * 0.05) }, { right: name === "tampering" ? 190 : 44 }, `${$(name).querySelector("h2").textContent} (${$(`${name}-group`).value}, by ${across}). At the end: ${ends.map((row) => `${row[grouped]} ${said(row.value)}`).join("; ")}. ${names.length} lines${order.length > shown.length ? `, of which the ${shown.length} highest at the end are coloured` : ""}.`, chosen, [grouped, ...(name === "geometry" ? ["of"] : []), ...(name === "training" ? ["seed"] : []), across, "value"]);
  };
  for (const name in views) {
    $(name).hidden = false;
    options($(`${name}-group`), unique(views[name].map((row) => row.group)));
    $(`${name}-group`).addEventListener("change", () => drawView(name));
  }
  $("heads-share").addEventListener("input", () => { S.share = Number($("heads-share").value); update(); });

  // Two settings side by side.
  const settings = D.tables.find((/** @type {Table} */ table) => table.tab === "settings");
  const pair = () => {
    const [one, two] = [$("one"), $("two")].map((select) => settings.rows[Number(select.value)]);
    const group = settings.groups.flatMap((/** @type {[string, number]} */ [text, count]) => Array(count).fill(text)).slice(settings.keys.length);
    const rows = settings.labels.map((/** @type {string} */ text, /** @type {number} */ place) => {
      const difference = parseFloat(two[2][place]) - parseFloat(one[2][place]);
      return ["", [group[place], text], [one[2][place], two[2][place], Number.isNaN(difference) ? "–" : (difference > 0 ? "+" : "") + said(difference)]];
    });
    $("pair").replaceChildren(tableOf({ tab: "", title: "", note: "", keys: ["of", "measure"], labels: ["first", "second", "second − first"], groups: [], rows }));
  };
  if (settings && settings.rows.length > 1) {
    $("compare").hidden = false;
    for (const id of ["one", "two"]) {
      options($(id), settings.rows.map((/** @type {any} */ _, /** @type {number} */ place) => String(place)), (place) => settings.rows[Number(place)][1].join(" · "));
      $(id).addEventListener("change", pair);
    }
    $("two").value = "1";
    pair();
  }

  // Generated texts: not in the page before they are asked for.
  const T = D.samples;
  const count = T.text.length;
  const texts = () => {
    const sought = $("find").value.toLowerCase(), sort = $("sort").value;
    let places = [...Array(count).keys()].filter((place) => (!$("of-share").value || T.share[place] === $("of-share").value) && (!$("of-arm").value || T.method[place] === $("of-arm").value) && (!sought || (T.prompts[T.prompt[place]] + " " + T.text[place]).toLowerCase().includes(sought)));
    if (sort) places = places.filter((place) => T.score[place] !== null).sort((a, b) => (sort === "high" ? -1 : 1) * (T.score[a] - T.score[b]));
    $("found").textContent = `${places.length} texts${places.length > 50 ? ", the first 50 of them shown" : ""}; open one to read it.`;
    $("texts").replaceChildren(...places.slice(0, 50).map((place) => {
      const details = make("details"), both = make("div", undefined, { class: "both" });
      const head = [`${T.share[place]} toxic`, T.arm[place], ...(T.strength[place] === null ? [] : [`α = ${T.strength[place]}`]), ...(T.seed[place] ? [`seed ${T.seed[place]}`] : []), T.score[place] === null ? "no score" : `score ${T.score[place].toFixed(2)}`].join(" · ");
      details.append(make("summary", head));
      details.addEventListener("toggle", () => {
        if (!details.open || details.children.length > 1) return;
        const part = (/** @type {string} */ title, /** @type {string} */ text) => { const box = make("div"), p = make("p"); p.append(make("bdi", text || "(empty)")); box.append(make("h4", title), p); return box; };
        const base = T.method[place] === "base" ? -1 : [...Array(count).keys()].find((other) => T.method[other] === "base" && T.share[other] === T.share[place] && T.seed[other] === T.seed[place] && T.prompt[other] === T.prompt[place]) ?? -1;
        if (base >= 0) both.append(part(`without intervention, score ${T.score[base] === null ? "unknown" : T.score[base].toFixed(2)}`, T.text[base]));
        both.append(part(head, T.text[place]));
        details.append(part("prompt", T.prompts[T.prompt[place]]), both);
      });
      return details;
    }));
  };
  const reveal = () => { $("browse").hidden = false; $("reveal").parentElement.hidden = true; texts(); };
  /** @param {Row} asks */
  const toTexts = (asks) => {
    if (!count) return;
    [$("of-share").value, $("of-arm").value] = [asks.share, asks.method];
    show("samples");
    if (!$("browse").hidden) texts();
  };
  if (count) {
    $("samples").hidden = false;
    $("samples-note").textContent = `${T.shown} texts that the models wrote${T.all > T.shown ? ` (of ${T.all}: evenly spaced prompts)` : ""}. They are hidden until you ask for them, and in print.`;
    options($("of-share"), ["", ...D.shares], (value) => value || "all");
    options($("of-arm"), ["", ...unique(T.method)], (value) => (value ? label(value) : "all"));
    for (const id of ["of-share", "of-arm", "sort", "find"]) $(id).addEventListener("input", texts);
    $("reveal").addEventListener("click", reveal);
  }
  D.lenses.forEach((/** @type {[string, string[], string[]]} */ [heading, promoted, suppressed]) => {
    const details = make("details");
    details.append(make("summary", heading));
    details.addEventListener("toggle", () => { if (details.children.length < 2) details.append(make("p", "+ " + promoted.join("   ")), make("p", "− " + suppressed.join("   "))); });
    $("lenses").append(details);
    $("lenses").hidden = false;
  });

  // Tabs.
  const panels = /** @type {any[]} */ ([...document.querySelectorAll(".panel")]).filter((panel) => !panel.hidden && (panel.id !== "asking" || panel.querySelector("table, details")));
  const tabs = panels.map((panel) => make("button", panel.dataset.title, { type: "button", role: "tab", id: `tab-${panel.id}`, "aria-controls": panel.id }));
  /** @param {string} name @param {boolean} [focus] */
  const show = (name, focus) => {
    S.tab = panels.some((panel) => panel.id === name) ? name : panels[0].id;
    document.querySelectorAll(".panel").forEach((panel) => { /** @type {any} */ (panel).hidden = panel.id !== S.tab; });
    tabs.forEach((tab, place) => {
      const chosen = panels[place].id === S.tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen && focus) tab.focus();
    });
    return update();
  };
  panels.forEach((panel, place) => {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tabs[place].id);
    tabs[place].addEventListener("click", () => show(panel.id));
    tabs[place].addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -place, End: panels.length - 1 - place }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      show(panels[(place + step + panels.length) % panels.length].id, true);
    });
  });
  /** @type {any} */ (document.querySelector(".tabs")).append(...tabs);

  if (keys.length) {
    $("ask").hidden = false;
    $("budget-label").hidden = unique(keys.map((each) => each[0])).length < 2;
    ASKED.forEach((name) => $(name).addEventListener("change", () => { S[name] = $(name).value; settle(name); update(); }));
    $("at").addEventListener("input", () => { S.at = answer().costs[Number($("at").value)]; update(); });
    $("ask").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  } else {
    document.querySelectorAll('[data-figure="tradeoff"], [data-figure="dose"]').forEach((figure) => { /** @type {any} */ (figure).hidden = true; });
  }
  dark.addEventListener("change", update);
  addEventListener("hashchange", () => { read(); show(S.tab); });
  addEventListener("beforeprint", () => document.querySelectorAll(".panel:not(#samples):not(#settings):not(#provenance) .tables details").forEach((details) => { /** @type {any} */ (details).open = true; }));
  read();
  await show(S.tab);
  document.documentElement.dataset.ready = "true";
})();
