// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/otelvoice"
)

// A LogFormat is how a log record is written.
type LogFormat string

// The formats.
const (
	FormatJSON LogFormat = settings.JSON // The JSON line, for machines.
	FormatText LogFormat = settings.Text // One aligned line, for people.
	FormatOTel LogFormat = settings.OTel // OpenTelemetry's own shape.
)

// A LogOutput is where log records are written.
type LogOutput string

// The outputs.
const (
	OutputConsole LogOutput = settings.Console // Standard output, or error.
	OutputFile    LogOutput = settings.File    // A file that is rotated by its size.
	OutputSyslog  LogOutput = settings.Syslog  // A syslog server, or the local one.
)

// LogConfig is the settings of the log, for [WithLogConfig]. If a field is zero or nil, the
// setting comes from the environment, else from the configuration file, else it is the default.
// docs/settings.md has the table of variables, keys and defaults.
//
// Levels are read for each record, that of the log and those of outputs: a [slog.LevelVar]
// changes them at run time. [SDK.Config] reports their values at set-up.
type LogConfig struct {
	// Level is the least severe level that is logged. [SDK.SetLevel] replaces it: a
	// [slog.LevelVar] given here is not read after that.
	Level slog.Leveler
	// Format is the format of every output without a format of its own.
	Format LogFormat
	// Output is where records are written. The default is the console, and the file and syslog
	// if they have a path and an address. An empty slice that is not nil means nowhere.
	Output []LogOutput

	ConsoleStream string       // "stdout" or "stderr".
	ConsoleLevel  slog.Leveler // The console's own level.
	ConsoleFormat LogFormat    // The console's own format.
	// Colors colours text on the console. The default is true on a terminal, unless NO_COLOR
	// is set.
	Colors *bool
	// TextDetails writes all fields of a record as text, with whole ids and the source
	// location. Without it a line has a selection; see package textlog.
	TextDetails *bool

	File            string       // The path of the log file; its directory is made.
	FileLevel       slog.Leveler // The file's own level.
	FileFormat      LogFormat    // The file's own format.
	MaxFileSize     *int64       // The size in bytes at which the file is rotated; 0 is never.
	BackupCount     *int         // How many rotated files are kept.
	CompressBackups *bool        // Whether rotated files are compressed with gzip.

	// FileBuffer is how many bytes of log lines may wait in memory to be written to the file
	// together. With 0, the default, each line is in the file when the log call returns. With
	// 64 KiB a line takes a fifth of the time. The call that fills the buffer writes all of it,
	// which takes some 20 µs.
	//
	// The buffer is written when it is full, with each line of ERROR or above, after
	// FileFlushInterval, before a rotation, on SIGHUP, and by [SDK.ForceFlush], [SDK.Shutdown]
	// and [SDK.CatchPanic]. A process that ends without any of these (SIGKILL, os.Exit, an
	// unhandled signal or panic) loses the lines in the buffer, none of which is older than the
	// interval. Whole lines are written: only the last line of the file can be incomplete, if
	// the process was killed during a write. Lines that cannot be written are counted and
	// reported as without a buffer; see [Health].
	FileBuffer *int64
	// FileFlushInterval is how long a line may wait in the buffer: a millisecond to an hour. The
	// default is a second.
	FileFlushInterval time.Duration

	SyslogAddress  string       // Such as "tcp://host:601"; the default is the local socket.
	SyslogFacility string       // Such as "local0".
	SyslogLevel    slog.Leveler // Syslog's own level.
	SyslogFormat   LogFormat    // Syslog's own format.

	CorrelationTracking *bool // Adds the ids of trace, request, session, turn and user to each record.
	PerformanceTracking *bool // Adds performance_metrics, and writes the lines of LogPerformance.
	IncludeTraceback    *bool // Adds a stack trace to each error.

	// FilterModules are the modules that are logged, each with the modules below it.
	// ExcludeModules are those that are not logged. A filtered log call costs nothing.
	//
	// Modules are the names of loggers. The toolkit's are voice.session, voice.turn,
	// voice.stt, voice.llm, voice.tts, voice.tool, voice.operation, voice.performance,
	// voice.http and voice.pipeline; voice_agents is another name of voice. A filter that
	// leaves the log empty causes one WARN line, which is not filtered. It is written with the
	// first filtered line if no logger has a name in FilterModules, else after a minute or by
	// Shutdown.
	FilterModules, ExcludeModules []string

	// LatencyBudget is the response latency beyond which the end line of a turn is WARN; see
	// [otelvoice.WithLatencyBudget]. A budget below 0 or over an hour is an error of [Setup].
	LatencyBudget time.Duration
	// SegmentBudgets are the durations of segments of the response latency beyond which the end line
	// of a turn is WARN; see [otelvoice.WithSegmentBudget]. An unknown segment, and a budget below 0
	// or over an hour, is an error of [Setup].
	SegmentBudgets map[otelvoice.SegmentName]time.Duration
	// Heartbeat is the interval of the lines about open sessions; 0 is none. See
	// [otelvoice.WithHeartbeat]. An interval below 0 or over an hour is an error of [Setup].
	Heartbeat *time.Duration
	// DeadAir is the longest silence of both sides that is not dead air; see [otelvoice.WithDeadAir]. A
	// bound below 0 or over an hour is an error of [Setup].
	DeadAir time.Duration

	// CorrelationHeader is the HTTP header that carries the correlation ID, in place of
	// [otelvoice.CorrelationHeader].
	CorrelationHeader string
	// LogRequests and LogResponses are the lines that voicehttp.Middleware writes when a
	// request comes in and when it is answered.
	LogRequests, LogResponses *bool
}

// options returns the fields that are set, as text by key.
func (c LogConfig) options() settings.Options {
	opts := make(settings.Options)
	text := func(key, value string) {
		if value != "" {
			opts[key] = value
		}
	}
	for key, level := range c.levels() {
		opts[key] = level.Level().String()
	}
	toggle := func(key string, on *bool) {
		if on != nil {
			opts[key] = strconv.FormatBool(*on)
		}
	}
	text(settings.KeyFormat, string(c.Format))
	if c.Output != nil {
		outputs := make([]string, len(c.Output))
		for i, o := range c.Output {
			outputs[i] = string(o)
		}
		opts[settings.KeyOutput] = strings.Join(outputs, ",")
		if len(outputs) == 0 {
			opts[settings.KeyOutput] = "none"
		}
	}
	text(settings.KeyConsoleStream, c.ConsoleStream)
	text(settings.KeyConsoleFormat, string(c.ConsoleFormat))
	toggle(settings.KeyColors, c.Colors)
	toggle(settings.KeyTextDetails, c.TextDetails)
	text(settings.KeyFile, c.File)
	text(settings.KeyFileFormat, string(c.FileFormat))
	if c.MaxFileSize != nil {
		opts[settings.KeyMaxFileSize] = strconv.FormatInt(*c.MaxFileSize, 10)
	}
	if c.BackupCount != nil {
		opts[settings.KeyBackupCount] = strconv.Itoa(*c.BackupCount)
	}
	toggle(settings.KeyCompressBackups, c.CompressBackups)
	if c.FileBuffer != nil {
		opts[settings.KeyFileBuffer] = strconv.FormatInt(*c.FileBuffer, 10)
	}
	if c.FileFlushInterval != 0 {
		opts[settings.KeyFileFlushInterval] = c.FileFlushInterval.String()
	}
	text(settings.KeySyslogAddress, c.SyslogAddress)
	text(settings.KeySyslogFacility, c.SyslogFacility)
	text(settings.KeySyslogFormat, string(c.SyslogFormat))
	toggle(settings.KeyCorrelationTracking, c.CorrelationTracking)
	toggle(settings.KeyPerformanceTracking, c.PerformanceTracking)
	toggle(settings.KeyIncludeTraceback, c.IncludeTraceback)
	if c.DeadAir != 0 {
		opts[settings.KeyDeadAir] = c.DeadAir.String()
	}
	if c.LatencyBudget != 0 {
		opts[settings.KeyLatencyBudget] = c.LatencyBudget.String()
	}
	if len(c.SegmentBudgets) > 0 {
		budgets := make([]string, 0, len(c.SegmentBudgets))
		for segment, budget := range c.SegmentBudgets {
			budgets = append(budgets, string(segment)+"="+budget.String())
		}
		slices.Sort(budgets)
		opts[settings.KeySegmentBudgets] = strings.Join(budgets, ",")
	}
	if c.Heartbeat != nil {
		opts[settings.KeyHeartbeat] = c.Heartbeat.String()
	}
	text(settings.KeyCorrelationHeader, c.CorrelationHeader)
	toggle(settings.KeyLogRequests, c.LogRequests)
	toggle(settings.KeyLogResponses, c.LogResponses)
	if c.FilterModules != nil {
		opts[settings.KeyFilterModules] = strings.Join(c.FilterModules, ",")
	}
	if c.ExcludeModules != nil {
		opts[settings.KeyExcludeModules] = strings.Join(c.ExcludeModules, ",")
	}
	return opts
}

// levels returns the levels by key. A nil [slog.LevelVar] is ignored, as a nil Leveler is.
func (c LogConfig) levels() map[string]slog.Leveler {
	levels := map[string]slog.Leveler{
		settings.KeyLevel: c.Level, settings.KeyConsoleLevel: c.ConsoleLevel,
		settings.KeyFileLevel: c.FileLevel, settings.KeySyslogLevel: c.SyslogLevel,
	}
	maps.DeleteFunc(levels, func(_ string, level slog.Leveler) bool {
		variable, ok := level.(*slog.LevelVar)
		return level == nil || ok && variable == nil
	})
	return levels
}

// WithLogConfig sets the fields of a [LogConfig] that are not zero. Of two options that set a
// field, the later one counts.
func WithLogConfig(cfg LogConfig) Option {
	return optionFunc(func(c config) config {
		for key, value := range cfg.options() {
			c.Log = c.Log.With(key, value)
		}
		levels := maps.Clone(c.LogLevels)
		for key, level := range cfg.levels() {
			if levels == nil {
				levels = make(map[string]slog.Leveler)
			}
			levels[key] = level
		}
		c.LogLevels = levels
		return c
	})
}

// WithConfigFile reads the settings of the log from a JSON file, in place of the one that
// LOG_CONFIG_FILE names. Options and variables take precedence over it. An invalid setting is an
// error of [Setup] that names the file, the line, the key and what is allowed.
func WithConfigFile(path string) Option {
	return optionFunc(func(c config) config { c.ConfigFile = path; return c })
}

// WithLogLevel sets the least severe level that is logged. It is the Level of [LogConfig].
func WithLogLevel(level slog.Leveler) Option { return WithLogConfig(LogConfig{Level: level}) }

// WithLogWriter writes the console's lines to w in place of stdout. Each line is one Write, and
// writes never overlap. While w blocks, lines wait in memory, and log calls return.
func WithLogWriter(w io.Writer) Option {
	return optionFunc(func(c config) config {
		if w != nil {
			c.Writer = w
		}
		return c
	})
}

// WithoutConsole writes no lines on the console, whatever LOG_OUTPUT says.
func WithoutConsole() Option {
	return optionFunc(func(c config) config { c.WithoutConsole = true; return c })
}
