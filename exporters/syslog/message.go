// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// facilities are the facilities of RFC 5424, section 6.2.1, by their usual names, in order.
var facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "security", "console", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// Severities of RFC 5424, section 6.2.1.
const (
	severityCritical = 2
	severityError    = 3
	severityWarning  = 4
	severityNotice   = 5
	severityInfo     = 6
	severityDebug    = 7
)

// Lengths of RFC 5424, section 6.
const (
	maxHostname = 255
	maxAppName  = 48
	maxProcess  = 128
	maxMsgID    = 32
	maxSDID     = 32
	maxName     = 32
	// maxParam bounds a value of the structured data. RFC 5424 has no limit. The message has
	// the complete value.
	maxParam = 512
)

// framer makes syslog messages of log lines.
type framer struct {
	facility int
	host     string
	app      string
	id       string
	max      int // The limit of a message in bytes.
}

func newFramer(opts Options) (framer, error) {
	f := framer{max: opts.MaxMessageBytes, id: defaultID}
	name := strings.ToLower(opts.Facility)
	if name == "" {
		name = "user"
	}
	if f.facility = slices.Index(facilities, name); f.facility < 0 {
		return f, fmt.Errorf("syslog: facility %q: want one of %s", opts.Facility, strings.Join(facilities, ", "))
	}
	if opts.ID != "" {
		f.id = opts.ID
	}
	if f.id != printable(f.id, maxSDID) || strings.ContainsAny(f.id, `="]`) {
		return f, fmt.Errorf("syslog: ID %q: want at most %d printable characters without =, ] and quotes", opts.ID, maxSDID)
	}
	host := opts.Hostname
	if host == "" {
		host, _ = os.Hostname() // If it is unknown, the message has "-".
	}
	app := opts.AppName
	if app == "" {
		app = program()
	}
	f.host, f.app = printable(host, maxHostname), printable(app, maxAppName)
	return f, nil
}

// header is the part of a log record that has a place of its own in a message.
type header struct {
	at     time.Time
	level  slog.Level
	fields []slog.Attr
}

// The fields that are not structured data.
const (
	processKey = "process_id"
	phaseKey   = "phase"
)

// field returns the text of a field, or "".
func (h *header) field(name string) string {
	for i := range h.fields {
		if h.fields[i].Key == name {
			return h.fields[i].Value.String()
		}
	}
	return ""
}

// message returns the message of a line. It has no control characters, whatever the line is: see
// escaped.
func (f *framer) message(line []byte, h *header) []byte {
	line = bytes.TrimRight(line, "\r\n")
	dst := append(make([]byte, 0, 512+len(line)), '<')
	dst = strconv.AppendInt(dst, int64(f.facility*8+severityOf(h.level)), 10)
	dst = append(dst, ">1 "...)
	if at := h.at.UTC(); !h.at.IsZero() && at.Year() > 0 && at.Year() <= 9999 {
		dst = at.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	} else {
		dst = append(dst, '-')
	}
	for _, name := range [...]string{f.host, f.app, printable(h.field(processKey), maxProcess), printable(h.field(phaseKey), maxMsgID)} {
		dst = append(append(dst, ' '), name...)
	}
	dst = append(dst, ' ')
	begin := len(dst)
	dst = f.appendData(dst, h.fields)
	if len(dst)+len(cutNote) >= f.max {
		dst = append(dst[:begin], '-') // Leave room for the message.
	}
	dst = append(dst, ' ')
	return appendCut(dst, escaped(line), f.max-len(dst))
}

// appendData appends the structured data.
func (f *framer) appendData(dst []byte, fields []slog.Attr) []byte {
	begin := len(dst)
	dst = append(append(dst, '['), f.id...)
	empty := len(dst)
	for i := range fields {
		switch name := fields[i].Key; {
		case name == processKey, name == phaseKey, name != printable(name, maxName) || strings.ContainsAny(name, `="]`):
		default:
			dst = append(append(append(dst, ' '), name...), `="`...)
			dst = append(appendValue(dst, fields[i].Value.String()), '"')
		}
	}
	if len(dst) == empty {
		return append(dst[:begin], '-')
	}
	return append(dst, ']')
}

// appendValue appends a value of the structured data. Quotes, backslashes and brackets get a
// backslash (RFC 5424, section 6.3.3), unsafe characters become #ooo, and a value that is longer than
// maxParam bytes is cut.
func appendValue(dst []byte, value string) []byte {
	begin := len(dst)
	for _, r := range value {
		before := len(dst)
		if r == '"' || r == '\\' || r == ']' {
			dst = append(dst, '\\', byte(r))
		} else {
			dst = appendEscaped(dst, r)
		}
		if len(dst)-begin > maxParam {
			return append(dst[:before], "…"...)
		}
	}
	return dst
}

// cutNote is the longest note that appendCut appends.
const cutNote = "…(+1234567890 bytes)"

// appendCut appends text. If it is longer than room, it cuts the text at a rune and appends the number
// of missing bytes.
func appendCut(dst, text []byte, room int) []byte {
	if len(text) <= room {
		return append(dst, text...)
	}
	end := max(0, room-len(cutNote))
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	dst = append(dst, text[:end]...)
	return fmt.Appendf(dst, "…(+%d bytes)", len(text)-end)
}

// severityOf returns the severity of a level. The levels from INFO+2 are notices, and those from
// ERROR+4 are critical.
func severityOf(level slog.Level) int {
	switch {
	case level >= slog.LevelError+4:
		return severityCritical
	case level >= slog.LevelError:
		return severityError
	case level >= slog.LevelWarn:
		return severityWarning
	case level >= slog.LevelInfo+2:
		return severityNotice
	case level >= slog.LevelInfo:
		return severityInfo
	}
	return severityDebug
}

// printable returns a name for the header: its printable ASCII characters without spaces, at most most
// of them, or "-" if there are none.
func printable(name string, most int) string {
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, name)
	if name == "" {
		return "-"
	}
	return name[:min(len(name), most)]
}
