// Figures as people read them; a dash where there is none.

const NONE = "–";
const MIB = 2 ** 20;

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(value) {
  return value == null ? NONE : grouped.format(value);
}

export function rate(value) {
  if (value == null) {
    return NONE;
  }
  return value === 0 ? "0" : value < 100 ? value.toFixed(1) : grouped.format(value);
}

export function percent(share) {
  return share == null ? NONE : `${Math.round(100 * share)} %`;
}

/** Seconds in the unit that fits them. */
export function time(seconds) {
  if (seconds == null) {
    return NONE;
  }
  if (seconds < 0.01) {
    return `${(1000 * seconds).toFixed(1)} ms`;
  }
  if (seconds < 1) {
    return `${Math.round(1000 * seconds)} ms`;
  }
  if (seconds < 100) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 7200) {
    return `${Math.round(seconds / 60)} min`;
  }
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

export function ago(seconds) {
  if (seconds < 3) {
    return "now";
  }
  return seconds < 100 ? `${Math.round(seconds)} s ago` : `${time(seconds)} ago`;
}

export function bytes(value) {
  if (value == null) {
    return NONE;
  }
  if (value < MIB) {
    return `${Math.round(value / 1024)} KiB`;
  }
  return value < 10 * 1024 * MIB ? `${grouped.format(value / MIB)} MiB` : `${(value / 1024 / MIB).toFixed(1)} GiB`;
}
