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
	// Key is its name in the configuration file and in what is shown.
	Key string
	// Variable is its environment variable.
	Variable string
	// Field is its field of voicesdk.LogConfig.
	Field string
	// Default is the value when nobody says anything, as it is shown.
	Default string
	// Want says what is allowed; it ends the errors.
	Want string
	// Brief says what it does, for the table that people read.
	Brief string

	// parse returns the one spelling of a value, or false if it makes no sense.
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
	KeyCorrelationHeader   = "correlation_header"
	KeyLogRequests         = "log_requests"
	KeyLogResponses        = "log_responses"
)

// FileVariable names the variable that holds the path of the configuration file.
const FileVariable = "LOG_CONFIG_FILE"

// Switches returns the switches in the order in which people read them.
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
		{KeyFormat, "LOG_FORMAT", "Format", "json", formats, "How a record is written: the JSON line, text for people, or OpenTelemetry's own shape.", enum("json", "text", "otel")},
		{KeyOutput, "LOG_OUTPUT", "Output", "console, and what has a path or an address", "none, or a list of console, file, syslog (both is console,file)", "Where records are written.", parseOutput},
		{KeyConsoleStream, "LOG_CONSOLE_STREAM", "ConsoleStream", "stdout", "one of stdout, stderr", "Which stream the console is.", enum("stdout", "stderr")},
		{KeyConsoleLevel, "LOG_CONSOLE_LEVEL", "ConsoleLevel", "as level", levels, "The console's own level.", parseLevel},
		{KeyConsoleFormat, "LOG_CONSOLE_FORMAT", "ConsoleFormat", inherits, formats, "The console's own format.", enum("json", "text", "otel")},
		{KeyColors, "LOG_COLORS", "Colors", "auto", "auto, true or false", "Colours in text on the console; auto is on a terminal, unless NO_COLOR is set.", enum("auto", "true", "false")},
		{KeyTextDetails, "LOG_TEXT_DETAILS", "TextDetails", "false", toggle, "Write all fields of a record in text, with whole ids and the place in the code. Without it a line has what people look for first, and short ids.", parseBool},
		{KeyFile, "LOG_FILE", "File", "", "the path of a file", "The file. Its directory is made.", parsePath},
		{KeyFileLevel, "LOG_FILE_LEVEL", "FileLevel", "as level", levels, "The file's own level.", parseLevel},
		{KeyFileFormat, "LOG_FILE_FORMAT", "FileFormat", inherits, formats, "The file's own format.", enum("json", "text", "otel")},
		{KeyMaxFileSize, "LOG_MAX_FILE_SIZE", "MaxFileSize", "10MB", "a size such as 10MB, 512KB or a number of bytes; 0 never rotates", "The size at which the file is rotated.", parseSize},
		{KeyBackupCount, "LOG_BACKUP_COUNT", "BackupCount", "5", "a whole number from 0 to 1000", "How many rotated files are kept: file.1 is the newest.", parseCount},
		{KeyCompressBackups, "LOG_COMPRESS_BACKUPS", "CompressBackups", "false", toggle, "Compress rotated files with gzip.", parseBool},
		{KeyFileBuffer, "LOG_FILE_BUFFER", "FileBuffer", "0", "a size such as 64KB, 16MB at most; 0 writes each line at once", "How much may wait in memory to be written to the file together. A line of ERROR or above is written at once, with all before it. A killed process loses what waits, at most this and at most file_flush_interval old.", parseBuffer},
		{KeyFileFlushInterval, "LOG_FILE_FLUSH_INTERVAL", "FileFlushInterval", "1s", "a duration such as 1s, 500ms or a number of milliseconds, from 1ms to 1h", "How long a line waits in file_buffer at most.", parseInterval},
		{KeySyslogAddress, "LOG_SYSLOG_ADDRESS", "SyslogAddress", "the local socket", "an address such as udp://host:514, tcp://host:601, tls://host:6514 or unix:///dev/log", "The syslog server.", parseAddress},
		{KeySyslogFacility, "LOG_SYSLOG_FACILITY", "SyslogFacility", "user", "a facility of syslog: " + facilityNames(), "The facility that records are sent under.", enum(facilities()...)},
		{KeySyslogLevel, "LOG_SYSLOG_LEVEL", "SyslogLevel", "as level", levels, "The level of syslog's own.", parseLevel},
		{KeySyslogFormat, "LOG_SYSLOG_FORMAT", "SyslogFormat", "as format_type; json for otel", lines, "The format of syslog's own.", enum("json", "text")},
		{KeyCorrelationTracking, "LOG_CORRELATION_TRACKING", "CorrelationTracking", "true", toggle, "The ids of trace, request, session, turn and user on each record.", parseBool},
		{KeyPerformanceTracking, "LOG_PERFORMANCE_TRACKING", "PerformanceTracking", "true", toggle, "performance_metrics, and the lines of LogPerformance.", parseBool},
		{KeyFilterModules, "LOG_FILTER_MODULES", "FilterModules", "", modules, "Log these modules alone, and those below them. voice_agents is another name of voice.", parseModules},
		{KeyExcludeModules, "LOG_EXCLUDE_MODULES", "ExcludeModules", "", modules, "Leave out these modules, and those below them.", parseModules},
		{KeyIncludeTraceback, "LOG_INCLUDE_TRACEBACK", "IncludeTraceback", "false", toggle, "A stack trace with each error.", parseBool},
		{KeyLatencyBudget, "OTELVOICE_LATENCY_BUDGET", "LatencyBudget", "5s", "a duration such as 2s, 800ms or a number of milliseconds, 1h at most; 0 is no budget", "The response latency beyond which the end line of a turn is WARN, and its span has voice.turn.latency_budget.", parseBudget},
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
