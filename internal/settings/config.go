// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"log/slog"
	"strconv"
	"time"
)

// An Output is where records are written, and how.
type Output struct {
	Name   string // One of Console, File and Syslog.
	Format string // One of JSON, Text and OTel.
	// Level is the output's own; nil means that of all outputs.
	Level    slog.Leveler
	LevelKey string // Of the switch for it.
}

// Config is the settings with their types.
type Config struct {
	Level   slog.Level
	Outputs []Output

	Stderr bool   // The console is stderr.
	Colors string // auto, true or false.

	File            string
	MaxFileSize     int64
	BackupCount     int
	CompressBackups bool

	FileBuffer        int // In bytes; 0 is none.
	FileFlushInterval time.Duration

	SyslogAddress, SyslogFacility string

	Correlation, Performance, Traceback bool

	FilterModules, ExcludeModules []string

	TextDetails   bool
	LatencyBudget time.Duration // 0 is none.
	// SegmentBudgets are by the values of voice.segment.
	SegmentBudgets map[string]time.Duration
	Heartbeat      time.Duration // 0 is none.
	DeadAir        time.Duration // The bound; 0 is none.

	CorrelationHeader         string
	LogRequests, LogResponses bool
}

// Config returns the settings with their types.
func (s Settings) Config() Config {
	c := Config{
		Level:           s.level(KeyLevel),
		Stderr:          s.value(KeyConsoleStream).Text == "stderr",
		Colors:          s.value(KeyColors).Text,
		File:            s.value(KeyFile).Text,
		CompressBackups: s.bool(KeyCompressBackups),
		SyslogAddress:   s.value(KeySyslogAddress).Text, // "" is the local socket.
		SyslogFacility:  s.value(KeySyslogFacility).Text,
		Correlation:     s.bool(KeyCorrelationTracking),
		Performance:     s.bool(KeyPerformanceTracking),
		Traceback:       s.bool(KeyIncludeTraceback),
		FilterModules:   members(s.value(KeyFilterModules).Text),
		ExcludeModules:  members(s.value(KeyExcludeModules).Text),

		TextDetails:       s.bool(KeyTextDetails),
		CorrelationHeader: s.value(KeyCorrelationHeader).Text,
		LogRequests:       s.bool(KeyLogRequests),
		LogResponses:      s.bool(KeyLogResponses),
	}
	c.MaxFileSize, _ = ParseSize(s.value(KeyMaxFileSize).Text)
	buffer, _ := ParseSize(s.value(KeyFileBuffer).Text)
	c.FileBuffer = int(buffer)
	c.FileFlushInterval, _ = ParseDuration(s.value(KeyFileFlushInterval).Text)
	c.LatencyBudget, _ = ParseDuration(s.value(KeyLatencyBudget).Text)
	c.SegmentBudgets, _ = segmentBudgets(s.value(KeySegmentBudgets).Text)
	c.Heartbeat, _ = ParseDuration(s.value(KeyHeartbeat).Text)
	c.DeadAir, _ = ParseDuration(s.value(KeyDeadAir).Text)
	c.BackupCount, _ = strconv.Atoi(s.value(KeyBackupCount).Text)
	for _, o := range []struct{ name, format, level string }{
		{Console, KeyConsoleFormat, KeyConsoleLevel},
		{File, KeyFileFormat, KeyFileLevel},
		{Syslog, KeySyslogFormat, KeySyslogLevel},
	} {
		if !s.has(o.name) {
			continue
		}
		output := Output{Name: o.name, Format: s.value(o.format).Text, LevelKey: o.level}
		if s.value(o.level).Origin != FromDefault {
			output.Level = s.level(o.level)
		}
		c.Outputs = append(c.Outputs, output)
	}
	return c
}

func (s Settings) bool(key string) bool { return s.value(key).Text == "true" }

func (s Settings) level(key string) (level slog.Level) {
	_ = level.UnmarshalText([]byte(s.value(key).Text)) // It was parsed before.
	return level
}
