// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package logfile

import (
	"os"
	"os/signal"
	"syscall"
)

// ReopenOnHangup calls [File.Reopen] whenever the process receives a SIGHUP, for example
// from logrotate, until the file is closed. If the file cannot be opened again, the
// next lost line reports it. On systems without that signal it does nothing.
func (f *File) ReopenOnHangup() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.signals != nil {
		return
	}
	signals := make(chan os.Signal, 1)
	f.signals = signals
	signal.Notify(signals, syscall.SIGHUP)
	f.listening.Go(func() {
		for range signals {
			_ = f.Reopen() // Later writes try again and report the error.
		}
	})
}

// stopSignals ends the goroutine of ReopenOnHangup.
func (f *File) stopSignals() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signals != nil {
		signal.Stop(f.signals)
		close(f.signals)
		f.signals = nil
	}
}
