// SPDX-License-Identifier: BSD-3-Clause
import { RpcError } from "../rpc/client";
import { texts } from "../texts";

// What to say of a call that failed: the server's own words where it answered.
export function failureText(failure: unknown): string {
	return failure instanceof RpcError ? failure.message : texts.form.disconnected;
}
