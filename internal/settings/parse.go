// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The outputs.
const (
	Console = "console"
	File    = "file"
	Syslog  = "syslog"

	none = "none"
	both = "both" // Console and file.
)

// The formats.
const (
	JSON = "json"
	Text = "text"
	OTel = "otel"
)

const maxBackups = 1000

func enum(allowed ...string) func(string) (string, bool) {
	return func(text string) (string, bool) {
		for _, a := range allowed {
			if strings.EqualFold(text, a) {
				return a, true
			}
		}
		return "", false
	}
}

// parseLevel reads slog's names, and what others call WARN and ERROR.
func parseLevel(text string) (string, bool) {
	switch strings.ToUpper(text) {
	case "WARNING":
		return slog.LevelWarn.String(), true
	case "CRITICAL", "FATAL":
		return slog.LevelError.String(), true
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return "", false
	}
	return level.String(), true
}

func parseBool(text string) (string, bool) { return enum("true", "false")(text) }

func parseCount(text string) (string, bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxBackups {
		return "", false
	}
	return strconv.Itoa(n), true
}

// parsePath accepts any path. A path that cannot be written to fails when it is
// opened.
func parsePath(text string) (string, bool) { return text, text != "" && !strings.ContainsRune(text, 0) }

// members returns the elements of a comma-separated list, without surrounding space,
// empty elements and repetitions.
func members(text string) (list []string) {
	for member := range strings.SplitSeq(text, ",") {
		if member = strings.TrimSpace(member); member != "" && !slices.Contains(list, member) {
			list = append(list, member)
		}
	}
	return list
}

func parseOutput(text string) (string, bool) {
	var outputs []string
	for _, member := range members(strings.ToLower(text)) {
		switch member {
		case none:
			if len(members(text)) > 1 {
				return "", false
			}
			return none, true
		case both:
			outputs = append(outputs, Console, File)
		case Console, File, Syslog:
			outputs = append(outputs, member)
		default:
			return "", false
		}
	}
	outputs = members(strings.Join(outputs, ","))
	return strings.Join(outputs, ","), len(outputs) > 0
}

// parseModules takes dotted names. A trailing ".*" is removed, because a name
// always includes the modules below it. An empty list is valid.
func parseModules(text string) (string, bool) {
	list := members(text)
	for i, m := range list {
		m = strings.TrimSuffix(m, ".*")
		if m == "" || m == "*" || strings.ContainsAny(m, " \t\"*") {
			return "", false
		}
		list[i] = m
	}
	return strings.Join(list, ","), true
}

func parseAddress(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	switch u.Scheme {
	case "udp", "tcp", "tls":
		return text, u.Hostname() != "" && (u.Path == "" || u.Path == "/")
	case "unix":
		return text, u.Host == "" && u.Path != ""
	}
	return "", false
}

// facilities are syslog's, by the names that syslog.conf has for them.
func facilities() []string {
	return []string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
}

func facilityNames() string { return strings.Join(facilities(), ", ") }

// ParseHeader takes the name of a header field that may carry an ID. The spelling stays
// as it is: header names ignore case.
func ParseHeader(text string) (string, bool) {
	const allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" // RFC 9110, 5.6.2
	name := strings.ToLower(text)
	if name == "" || len(name) != len(text) || strings.Trim(name, allowed) != "" { // The Kelvin sign is a k in lower case.
		return "", false
	}
	taken := []string{
		"age", "allow", "alt-svc", "authorization", "baggage", "cache-control", "connection", "cookie", "date", "etag", "expect", "expires",
		"forwarded", "from", "host", "keep-alive", "last-modified", "link", "location", "max-forwards", "origin", "pragma", "range", "referer",
		"retry-after", "server", "set-cookie", "strict-transport-security", "te", "trailer", "traceparent", "tracestate", "transfer-encoding",
		"upgrade", "user-agent", "vary", "via", "warning", "www-authenticate",
	}
	families := []string{"accept", "access-control-", "content-", "if-", "proxy-", "sec-", "x-forwarded-"}
	return text, !slices.Contains(taken, name) && !slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(name, f) })
}
