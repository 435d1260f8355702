// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"io"
	"path/filepath"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// fileBuffer is the size of the buffer for lines that are written together.
const fileBuffer = 64 << 10

// lineToFile returns the contenders that write lines to files: each line at once, and, for zap
// and otelvoice, many together.
func lineToFile(dir string, w func() io.Writer) []paired.Contender {
	return append(lineTo(w),
		paired.Contender{Name: "zap, buffered", Start: func() (paired.Work, error) {
			buffered := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(w()), Size: fileBuffer}
			work := zapWork(zap.New(zapJSON(buffered), zap.AddCaller()))
			work.Settle = buffered.Sync
			work.Stop = func() { _ = buffered.Stop() }
			return work, nil
		}},
		paired.Contender{Name: "otelvoice, buffered", Start: func() (paired.Work, error) {
			size, never := int64(fileBuffer), int64(0)
			return voiceWork(nil, voicesdk.WithoutConsole(), voicesdk.WithLogConfig(voicesdk.LogConfig{
				Output: []voicesdk.LogOutput{voicesdk.OutputFile}, File: filepath.Join(dir, "buffered.log"), FileBuffer: &size, MaxFileSize: &never,
			}))
		}})
}
