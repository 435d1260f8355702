// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// facilities are those of RFC 5424, section 6.2.1, by their usual names, in order.
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
	maxMsgID    = 32
	maxSDID     = 32
	// maxParam bounds a value of the structured data, which RFC 5424 does not. The
	// message has all of it.
	maxParam = 512
)

// framer makes messages of lines.
type framer struct {
	facility int
	host     string
	app      string
	id       string
	max      int
	format   func([]byte) []byte
}

func newFramer(opts Options) (framer, error) {
	f := framer{max: opts.MaxMessageBytes, format: opts.Format, id: defaultID}
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
		host, _ = os.Hostname() // Unknown is "-".
	}
	app := opts.AppName
	if app == "" {
		app = program()
	}
	f.host, f.app = printable(host, maxHostname), printable(app, maxAppName)
	return f, nil
}

// fields are those of a line that syslog has a place for.
type fields struct {
	Timestamp   string `json:"timestamp"`
	Level       string `json:"level"`
	Process     int    `json:"process_id"`
	Phase       string `json:"phase"`
	Correlation string `json:"correlation_id"`
	Trace       string `json:"trace_id"`
	Span        string `json:"span_id"`
	Request     string `json:"request_id"`
	Session     string `json:"session_id"`
	Turn        string `json:"turn_id"`
	Module      string `json:"module"`
}

// message returns the message for a line, without control characters whatever the line
// holds: see escaped. A line that is no JSON object is sent all the same, with the fields
// that are known.
func (f *framer) message(line []byte) []byte {
	line = []byte(strings.TrimRight(string(line), "\r\n"))
	var l fields
	_ = json.Unmarshal(line, &l) // What cannot be read is unknown.
	dst := append(make([]byte, 0, 512+len(line)), '<')
	dst = strconv.AppendInt(dst, int64(f.facility*8+severityOf(l.Level)), 10)
	dst = append(dst, ">1 "...)
	if t, err := time.Parse(time.RFC3339Nano, l.Timestamp); err == nil && t.Year() > 0 && t.Year() <= 9999 {
		dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	} else {
		dst = append(dst, '-')
	}
	for _, name := range [...]string{f.host, f.app} {
		dst = append(append(dst, ' '), name...)
	}
	dst = append(dst, ' ')
	if l.Process > 0 {
		dst = strconv.AppendInt(dst, int64(l.Process), 10)
	} else {
		dst = append(dst, '-')
	}
	dst = append(append(dst, ' '), printable(l.Phase, maxMsgID)...)
	dst = append(dst, ' ')
	header := len(dst)
	dst = f.appendData(dst, &l)
	if len(dst)+len(cutNote) >= f.max {
		dst = append(dst[:header], '-') // Then the message is all there is room for.
	}
	dst = append(dst, ' ')
	message := line
	if f.format != nil {
		message = f.formatted(line)
	}
	return appendCut(dst, escaped(message), f.max-len(dst))
}

// formatted guards against a format that panics.
func (f *framer) formatted(line []byte) (message []byte) {
	defer func() {
		if recover() != nil {
			message = line
		}
	}()
	return []byte(strings.TrimRight(string(f.format(line)), "\r\n"))
}

// appendData appends the structured data.
func (f *framer) appendData(dst []byte, l *fields) []byte {
	begin := len(dst)
	dst = append(append(dst, '['), f.id...)
	empty := len(dst)
	for _, p := range [...]struct{ name, value string }{
		{"correlation_id", l.Correlation},
		{"trace_id", l.Trace},
		{"span_id", l.Span},
		{"request_id", l.Request},
		{"session_id", l.Session},
		{"turn_id", l.Turn},
		{"module", l.Module},
	} {
		if p.value == "" {
			continue
		}
		dst = append(append(append(dst, ' '), p.name...), `="`...)
		dst = append(appendValue(dst, p.value), '"')
	}
	if len(dst) == empty {
		return append(dst[:begin], '-')
	}
	return append(dst, ']')
}

// appendValue appends a value of the structured data: a quote, a backslash and a bracket
// with a backslash before them (RFC 5424, section 6.3.3), unsafe characters as #ooo, and
// at most maxParam bytes.
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

// cutNote is the longest note of appendCut.
const cutNote = "…(+1234567890 bytes)"

// appendCut appends text, cut at a rune if it is longer than room, and says how
// much is missing.
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

// severityOf returns the severity of a level by slog's name, which may have an
// offset: INFO+2 is a notice, ERROR+4 is critical.
func severityOf(level string) int {
	name, offset, _ := strings.Cut(level, "+")
	above, _ := strconv.Atoi(offset)
	switch {
	case name == "ERROR" && above >= 4:
		return severityCritical
	case name == "ERROR":
		return severityError
	case name == "WARN":
		return severityWarning
	case name == "INFO" && above >= 2:
		return severityNotice
	case strings.HasPrefix(name, "DEBUG"):
		return severityDebug
	}
	return severityInfo
}

// printable returns a name of the header: printable ASCII without spaces, bounded,
// and "-" if nothing is left.
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
