/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_PASSWD_H
#define WEIR_APP_PASSWD_H

// `weir passwd ...`: make and change the users' file. argv[0] is "passwd". Returns the exit status:
// 0 done, 1 failed, 2 bad arguments. Needs no EAL.
int passwd_main(int argc, char **argv);

#endif
