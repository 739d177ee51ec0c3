/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_HANDLERS_H
#define WEIR_CONTROL_HANDLERS_H

#include "control/call.h"

// The handlers behind the rows of methods.c; one file for each group of methods.

call_handler handle_alerts_list;
call_handler handle_audit_list;
call_handler handle_session_get, handle_session_login, handle_session_logout;
call_handler handle_system_info, handle_stats_get, handle_ports_list;
call_handler handle_rpc_methods;
call_handler handle_processor_get, handle_processor_set;
call_handler handle_processor_start, handle_processor_stop;
call_handler handle_config_get, handle_config_set, handle_config_confirm;
call_handler handle_config_rollback, handle_config_save;
call_handler handle_query_list, handle_query_add, handle_query_update, handle_query_remove;
call_handler handle_query_pause, handle_query_resume, handle_query_preview;
call_handler handle_names_list, handle_names_set, handle_names_remove, handle_names_reload;
call_handler handle_limits_list, handle_limits_set, handle_limits_remove, handle_limits_dry_run;
call_handler handle_generator_get, handle_generator_set;
call_handler handle_generator_start, handle_generator_stop;
call_handler handle_generator_calibrate, handle_generator_calibration;
call_handler handle_results_latest, handle_results_list, handle_results_series;
call_handler handle_results_insert, handle_results_clear;
call_handler handle_daily_list;
call_handler handle_flows_list;
call_handler handle_log_get, handle_log_level;
call_handler handle_subscribe, handle_unsubscribe;

#endif
