// SPDX-License-Identifier: BSD-3-Clause
// Numbers for people. SI prefixes are powers of 1000; values keep three significant digits, so
// that they have about the same width every second.

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];
const NONE = "–";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

// 1234567 -> "1,234,567"
export function formatCount(n: number | undefined): string {
	return n === undefined || !Number.isFinite(n) ? NONE : grouped.format(n);
}

// Three significant digits of a value below 1000, without an exponent.
function threeDigits(v: number): string {
	const a = Math.abs(v);
	return a >= 100 ? v.toFixed(0) : a >= 10 ? v.toFixed(1) : v.toFixed(2);
}

// The value and the prefix of its unit: 1234567 -> ["1.23", "M"]. Whole numbers below 1000 stay
// whole.
export function scaleSi(n: number): [string, string] {
	let index = 0;
	let v = n;
	// 999.6 would round to "1000": it goes to the next prefix too.
	while (Math.abs(v) >= 999.5 && index < PREFIXES.length - 1) {
		v /= 1000;
		index++;
	}
	const text = index === 0 && Number.isInteger(n) ? String(n) : threeDigits(v);
	return [text, PREFIXES[index] ?? ""];
}

// 1234567, "bit/s" -> "1.23 Mbit/s"
export function formatSi(n: number | undefined, unit: string): string {
	if (n === undefined || !Number.isFinite(n)) return NONE;
	const [text, prefix] = scaleSi(n);
	return prefix + unit === "" ? text : `${text} ${prefix}${unit}`;
}

export function metricUnit(metric: string): string {
	return metric === "bytes" ? "B" : "";
}

// 0.1234 -> "12.3 %"
export function formatShare(share: number | undefined): string {
	if (share === undefined || !Number.isFinite(share)) return NONE;
	if (share === 0) return "0 %";
	const percent = share * 100;
	if (percent > 0 && percent < 0.05) return "< 0.1 %";
	return `${percent >= 99.95 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

// 1234 -> "1.23 ms"
export function formatMicros(us: number | null | undefined): string {
	if (us === null || us === undefined || !Number.isFinite(us)) return NONE;
	if (us === 0) return "0 s";
	if (us >= 999_500) return `${threeDigits(us / 1e6)} s`;
	return us >= 999.5 ? `${threeDigits(us / 1000)} ms` : `${threeDigits(us)} µs`;
}

export function formatZ(z: number | undefined): string {
	return z === undefined || !Number.isFinite(z) ? NONE : z.toFixed(2);
}

// A number as a person would write it into a field: no trailing zeros.
export function formatPlain(n: number): string {
	return String(Number(n.toPrecision(12)));
}

function twoDigits(n: number): string {
	return String(n).padStart(2, "0");
}

// Local wall-clock time of a time in microseconds, to the second.
export function formatTime(us: number): string {
	const d = new Date(us / 1000);
	return `${twoDigits(d.getHours())}:${twoDigits(d.getMinutes())}:${twoDigits(d.getSeconds())}`;
}

// The zone of local times at that time: "UTC", "UTC+1", "UTC-3:30".
export function formatZone(us: number): string {
	const minutes = -new Date(us / 1000).getTimezoneOffset();
	if (minutes === 0) return "UTC";
	const [h, m] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
	return `UTC${minutes > 0 ? "+" : "-"}${h}${m > 0 ? `:${twoDigits(m)}` : ""}`;
}

// "18:10:55 UTC+1"
export function formatZoned(us: number): string {
	return `${formatTime(us)} ${formatZone(us)}`;
}

// "2026-11-27 18:10:55 UTC+1"
export function formatDateTime(us: number): string {
	const d = new Date(us / 1000);
	const day = `${d.getFullYear()}-${twoDigits(d.getMonth() + 1)}-${twoDigits(d.getDate())}`;
	return `${day} ${formatZoned(us)}`;
}

// The time alone while it is of this day.
export function formatMoment(us: number, nowUs: number): string {
	const whole = formatDateTime(us);
	return whole.slice(0, 10) === formatDateTime(nowUs).slice(0, 10) ? formatZoned(us) : whole;
}

export function formatUtc(us: number): string {
	return new Date(us / 1000).toISOString();
}

export function formatWindow(window: { start_us: number; end_us: number }): string {
	return `${formatTime(window.start_us)} – ${formatZoned(window.end_us)}`;
}

// 95 -> "1 min 35 s"
export function formatAge(seconds: number): string {
	const s = Math.max(0, Math.round(seconds));
	if (s < 60) return `${s} s`;
	const minutes = Math.floor(s / 60);
	return minutes < 60
		? `${minutes} min ${s % 60} s`
		: `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
