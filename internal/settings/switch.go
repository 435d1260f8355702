// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package settings reads the settings of the SDK from options, environment variables and a JSON
// file, in this order of precedence.
//
// One table lists the switches of the log. Each value is kept as text in one spelling, together
// with its origin, so that a program can print its settings. [Reader] reads the other variables.
// It collects all errors, so that one start reports every mistake.
package settings

// A Switch is one setting of the log.
type Switch struct {
	// Key is its name in the configuration file and in printed settings.
	Key string
	// Variable is its environment variable.
	Variable string
	// Field is its field of voicesdk.LogConfig.
	Field string
	// Default is the value without a setting, as it is printed.
	Default string
	// Want describes the allowed values; it ends the errors.
	Want string
	// Brief describes the effect, for the table in the documentation.
	Brief string

	// parse returns the canonical spelling of a value, or false if it is invalid.
	parse func(text string) (string, bool)
}

// The keys of the switches.
const (
	KeyLevel               = "level"
	KeyFormat              = "format_type"
	KeyOutput              = "output"
	KeyConsoleStream       = "console_stream"
	KeyConsoleLevel        = "console_level"
	KeyConsoleFormat       = "console_format"
	KeyColors              = "console_colors"
	KeyFile                = "log_file"
	KeyFileLevel           = "file_level"
	KeyFileFormat          = "file_format"
	KeyMaxFileSize         = "max_file_size"
	KeyBackupCount         = "backup_count"
	KeyCompressBackups     = "compress_backups"
	KeyFileBuffer          = "file_buffer"
	KeyFileFlushInterval   = "file_flush_interval"
	KeySyslogAddress       = "syslog_address"
	KeySyslogFacility      = "syslog_facility"
	KeySyslogLevel         = "syslog_level"
	KeySyslogFormat        = "syslog_format"
	KeyCorrelationTracking = "correlation_tracking"
	KeyPerformanceTracking = "performance_tracking"
	KeyFilterModules       = "filter_modules"
	KeyExcludeModules      = "exclude_modules"
	KeyIncludeTraceback    = "include_traceback"
	KeyTextDetails         = "text_details"
	KeyLatencyBudget       = "latency_budget"
	KeySegmentBudgets      = "segment_budgets"
	KeyHeartbeat           = "heartbeat"
	KeyDeadAir             = "dead_air"
	KeyCorrelationHeader   = "correlation_header"
	KeyLogRequests         = "log_requests"
	KeyLogResponses        = "log_responses"
)

// FileVariable names the variable that holds the path of the configuration file.
const FileVariable = "LOG_CONFIG_FILE"

// Switches returns the switches in the order of the table in the documentation.
func Switches() []Switch {
	const (
		levels   = "one of DEBUG, INFO, WARN, ERROR"
		formats  = "one of json, text, otel"
		lines    = "one of json, text"
		toggle   = "true or false"
		modules  = "a list of modules separated by commas, such as voice.stt,voice.llm"
		inherits = "as format_type"
	)
	return []Switch{
		{KeyLevel, "LOG_LEVEL", "Level", "INFO", levels, "The least severe level that is logged.", parseLevel},
		{KeyFormat, "LOG_FORMAT", "Format", "json", formats, "The format of a record: a JSON line, text, or OpenTelemetry's JSON.", enum("json", "text", "otel")},
		{KeyOutput, "LOG_OUTPUT", "Output", "console, and what has a path or an address", "none, or a list of console, file, syslog (both is console,file)", "Where records are written.", parseOutput},
		{KeyConsoleStream, "LOG_CONSOLE_STREAM", "ConsoleStream", "stdout", "one of stdout, stderr", "The stream of the console.", enum("stdout", "stderr")},
		{KeyConsoleLevel, "LOG_CONSOLE_LEVEL", "ConsoleLevel", "as level", levels, "The console's own level.", parseLevel},
		{KeyConsoleFormat, "LOG_CONSOLE_FORMAT", "ConsoleFormat", inherits, formats, "The console's own format.", enum("json", "text", "otel")},
		{KeyColors, "LOG_COLORS", "Colors", "auto", "auto, true or false", "Use colours in text on the console; auto uses them on a terminal, unless NO_COLOR is set.", enum("auto", "true", "false")},
		{KeyTextDetails, "LOG_TEXT_DETAILS", "TextDetails", "false", toggle, "Write all fields of a record in text, with full IDs and the source location. Without it a line has the main fields and short IDs.", parseBool},
		{KeyFile, "LOG_FILE", "File", "", "the path of a file", "The log file. Its directory is created.", parsePath},
		{KeyFileLevel, "LOG_FILE_LEVEL", "FileLevel", "as level", levels, "The file's own level.", parseLevel},
		{KeyFileFormat, "LOG_FILE_FORMAT", "FileFormat", inherits, formats, "The file's own format.", enum("json", "text", "otel")},
		{KeyMaxFileSize, "LOG_MAX_FILE_SIZE", "MaxFileSize", "10MB", "a size such as 10MB, 512KB or a number of bytes; 0 never rotates", "The size at which the file is rotated.", parseSize},
		{KeyBackupCount, "LOG_BACKUP_COUNT", "BackupCount", "5", "a whole number from 0 to 1000", "The number of rotated files that are kept; file.1 is the newest.", parseCount},
		{KeyCompressBackups, "LOG_COMPRESS_BACKUPS", "CompressBackups", "false", toggle, "Compress rotated files with gzip.", parseBool},
		{KeyFileBuffer, "LOG_FILE_BUFFER", "FileBuffer", "0", "a size such as 64KB, 16MB at most; 0 writes each line at once", "The size of the buffer before the file. A line of ERROR or above flushes it. A killed process loses the buffered lines: at most this size, and none older than file_flush_interval.", parseBuffer},
		{KeyFileFlushInterval, "LOG_FILE_FLUSH_INTERVAL", "FileFlushInterval", "1s", "a duration such as 1s, 500ms or a number of milliseconds, from 1ms to 1h", "The maximum time that a line stays in file_buffer.", parseInterval},
		{KeySyslogAddress, "LOG_SYSLOG_ADDRESS", "SyslogAddress", "the local socket", "an address such as udp://host:514, tcp://host:601, tls://host:6514 or unix:///dev/log", "The syslog server.", parseAddress},
		{KeySyslogFacility, "LOG_SYSLOG_FACILITY", "SyslogFacility", "user", "a facility of syslog: " + facilityNames(), "The facility that records are sent under.", enum(facilities()...)},
		{KeySyslogLevel, "LOG_SYSLOG_LEVEL", "SyslogLevel", "as level", levels, "Syslog's own level.", parseLevel},
		{KeySyslogFormat, "LOG_SYSLOG_FORMAT", "SyslogFormat", "as format_type; json for otel", lines, "Syslog's own format.", enum("json", "text")},
		{KeyCorrelationTracking, "LOG_CORRELATION_TRACKING", "CorrelationTracking", "true", toggle, "Add the IDs of trace, request, session, turn and user to each record.", parseBool},
		{KeyPerformanceTracking, "LOG_PERFORMANCE_TRACKING", "PerformanceTracking", "true", toggle, "Write performance_metrics and the lines of LogPerformance.", parseBool},
		{KeyFilterModules, "LOG_FILTER_MODULES", "FilterModules", "", modules, "Log only these modules and the modules below them. voice_agents is another name for voice.", parseModules},
		{KeyExcludeModules, "LOG_EXCLUDE_MODULES", "ExcludeModules", "", modules, "Do not log these modules and the modules below them.", parseModules},
		{KeyIncludeTraceback, "LOG_INCLUDE_TRACEBACK", "IncludeTraceback", "false", toggle, "Add a stack trace to each error.", parseBool},
		{KeyLatencyBudget, "OTELVOICE_LATENCY_BUDGET", "LatencyBudget", "5s", "a duration such as 2s, 800ms or a number of milliseconds, 1h at most; 0 is no budget", "The response latency beyond which the end line of a turn is WARN, and its span has voice.turn.latency_budget.", parseBudget},
		{KeySegmentBudgets, "OTELVOICE_SEGMENT_BUDGETS", "SegmentBudgets", "", "a list such as generation=1s,synthesis=400ms: each segment once, of " + segmentNames() + ", with a duration of 1h at most; 0 is no budget", "The durations of segments of the response latency beyond which the end line of a turn is WARN and names them in voice.turn.over_budget.", parseSegmentBudgets},
		{KeyHeartbeat, "OTELVOICE_HEARTBEAT", "Heartbeat", "1m", "a duration such as 1m, 30s or a number of milliseconds, 1h at most; 0 is no lines", "The interval of the lines \"session open\" of each open session.", parseBudget},
		{KeyDeadAir, "OTELVOICE_DEAD_AIR", "DeadAir", "3s", "a duration such as 2s, 800ms or a number of milliseconds, 1h at most; 0 is no bound", "The longest silence of both sides that is not dead air (voice.dead_air.count).", parseBudget},
		{KeyCorrelationHeader, "LOG_CORRELATION_HEADER", "CorrelationHeader", "X-Correlation-ID", "the name of an HTTP header field without another meaning, such as X-Request-ID", "The header that carries the correlation ID of HTTP requests and responses.", ParseHeader},
		{KeyLogRequests, "LOG_REQUESTS", "LogRequests", "true", toggle, "The line that the HTTP middleware writes when a request comes in.", parseBool},
		{KeyLogResponses, "LOG_RESPONSES", "LogResponses", "true", toggle, "The line that the HTTP middleware writes when a request is answered.", parseBool},
	}
}

// SwitchOf returns the switch with a key.
func SwitchOf(key string) (Switch, bool) {
	for _, s := range Switches() {
		if s.Key == key {
			return s, true
		}
	}
	return Switch{}, false
}
