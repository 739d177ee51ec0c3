// SPDX-License-Identifier: BSD-3-Clause

// Hand a file to the browser.
export function download(name: string, content: string | Blob, type: string): void {
	const url = URL.createObjectURL(new Blob([content], { type }));
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// "data:image/png;base64,…" as bytes.
export function bytesOfDataUrl(url: string): Blob {
	const binary = atob(url.slice(url.indexOf(",") + 1));
	return new Blob([Uint8Array.from(binary, (c) => c.charCodeAt(0))]);
}
