// SPDX-License-Identifier: BSD-3-Clause

// A MongoDB-compatible server for tests: FerretDB v1 with its SQLite backend, embedded.
//
// Embedded, because "go install .../cmd/ferretdb" gives a program that panics at start: its
// version files exist only in release archives, and only the main module insists on them.
// The embedded form also has no telemetry at all.
//
// usage: mongodb_server ADDRESS:PORT FOLDER; ends on SIGINT and SIGTERM.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if len(os.Args) != 3 {
		log.Error("usage: mongodb_server ADDRESS:PORT FOLDER")
		os.Exit(2)
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: os.Args[1]},
		Logger:    log,
		Handler:   "sqlite",
		SQLiteURL: "file:" + filepath.Clean(os.Args[2]) + "/",
	})
	if err != nil {
		log.Error("cannot start", "error", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := server.Run(ctx); err != nil {
		log.Error("ended", "error", err)
		os.Exit(1)
	}
}
