/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_OPTIONS_RECOVER_H
#define WEIR_APP_OPTIONS_RECOVER_H

#include "options.h"

// Set o->state_file, the file beside the store that the configuration is kept in while Weir runs; ""
// where there is none. Main thread, as everything here.
void options_state_file(struct options *o);

// Is there one that a run which did not end in order, or which goes on, has written?
bool options_recoverable(const struct options *o);

/*
 * A run takes its state file away when it ends in order. One that is there tells of a crash, and of
 * the configuration at that time, which the file of --config does not know: take o from it, and say
 * so on standard error. A file that does not hold is told of and left alone. Only for who has the lock
 * of the store (store_lock_take()): else the file may be of a run that goes on.
 */
void options_recover(struct options *o);

#endif
