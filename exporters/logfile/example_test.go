// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// Any logger that writes whole lines can use the file.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file, err := logfile.Open(filepath.Join(dir, "agent", "app.log"), &logfile.Options{MaxSize: 64, Backups: 2})
	if err != nil {
		panic(err)
	}
	logger := slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	for _, dish := range []string{"soup", "salad", "steak", "sorbet", "coffee"} {
		logger.Info("served", "dish", dish)
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
	for _, name := range []string{"app.log.2", "app.log.1", "app.log"} {
		text, _ := os.ReadFile(filepath.Join(dir, "agent", name))
		fmt.Printf("%s\n%s", name, text)
	}
	fmt.Println(file.Lost(), "lost")
	// Output:
	// app.log.2
	// level=INFO msg=served dish=steak
	// app.log.1
	// level=INFO msg=served dish=sorbet
	// app.log
	// level=INFO msg=served dish=coffee
	// 0 lost
}
