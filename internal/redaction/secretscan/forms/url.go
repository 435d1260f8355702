// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// UserInfo finds the user and password of URLs. Passwords in data sources may contain characters that a
// URL must not have there: postgres://u:p/a@h.
func UserInfo(s string, from int) (finding.Finding, bool) {
	for from < len(s) {
		n := strings.Index(s[from:], "://")
		if n < 0 {
			break
		}
		begin := from + n + len("://")
		scheme := strings.ToLower(s[chars.SkipBack(s, from+n, 16, isScheme) : from+n])
		from = begin // The scan may stop at the slashes of the next URL.
		stop := begin
		for stop < len(s) && !endsURL(s, stop) {
			stop++
		}
		authority := begin + len(s[begin:stop])
		if n := strings.IndexAny(s[begin:stop], "/?#"); n >= 0 {
			authority = begin + n
		}
		at := strings.LastIndexByte(s[begin:authority], '@')
		if authority < stop && (at < 0 && passwordGoesOn(s[begin:authority], scheme) || at > 0 && !isHost(s[begin+at+1:authority])) {
			at = strings.LastIndexByte(s[begin:stop], '@')
		}
		if last := strings.LastIndexByte(s[begin:stop], '@'); at > 0 && last > at && !isWebScheme(scheme) {
			at = last // The path of a data source has no @.
		}
		if at <= 0 || !isSecretUser(s[begin:begin+at], scheme) {
			continue
		}
		return finding.New(begin, begin+at, finding.RuleURL), true
	}
	return finding.Finding{}, false
}

func isScheme(c byte) bool {
	return chars.IsLetter(c) || chars.IsDigit(c) || c == '+' || c == '-' || c == '.'
}

// endsURL reports whether a URL ends at i, or another begins.
func endsURL(s string, i int) bool {
	switch s[i] {
	case ' ', '\t', '\r', '\n', '<', '>':
		return true
	case '"', '\'', '`':
		return chars.Closes(s, i)
	case '\\':
		r, n := escapes.Backslash(s, i)
		return n > 0 && (chars.IsEnd(byte(r)) || chars.IsQuote(byte(r)))
	}
	return strings.HasPrefix(s[i:], "://")
}

// isHost reports whether a text is a host, with or without a port.
func isHost(s string) bool {
	if strings.HasPrefix(s, "[") {
		return true
	}
	host, port, ok := strings.Cut(s, ":")
	return chars.Skip(host, 0, func(c byte) bool { return chars.IsName(c) || c == ',' || c == '%' }) == len(host) && (!ok || chars.IsDigits(port) || strings.Contains(port, ","))
}

// passwordGoesOn reports whether the text in front of the first slash of a URL is a user and the
// beginning of a password, rather than a host and a port.
func passwordGoesOn(authority, scheme string) bool {
	_, port, ok := strings.Cut(authority, ":")
	if !ok || strings.HasPrefix(authority, "[") {
		return false
	}
	return !isWebScheme(scheme) || !chars.IsDigits(port) && port != ""
}

func isWebScheme(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "grpc", "file", "ssh", "git", "git+ssh", "git+https", "svn+ssh", "rtsp", "rtmp":
		return true
	}
	return false
}

// isSecretUser reports whether the text in front of the host is secret: a password or a token is, the
// user of a repository is not.
func isSecretUser(user, scheme string) bool {
	if strings.HasPrefix(user, finding.Marker) || strings.Trim(user, "\x00") == "" {
		return false
	}
	if strings.Contains(user, ":") {
		return true
	}
	switch scheme {
	case "ssh", "git", "git+ssh", "svn+ssh", "sftp", "rsync", "postgres", "postgresql", "mysql", "mongodb", "mongodb+srv":
		return false
	}
	return true
}

// DataSource finds the user and password in data sources of Go's MySQL driver:
// user:pw@tcp(host:3306)/db.
func DataSource(s string, from int) (finding.Finding, bool) {
	for at := from; at < len(s); at++ {
		n := strings.IndexByte(s[at:], '@')
		if n < 0 {
			break
		}
		at += n
		open := chars.Skip(s, at+1, func(c byte) bool { return chars.IsLetter(c) || chars.IsDigit(c) || c == '+' || c == '-' || c == '_' })
		if open >= len(s) || s[open] != '(' && s[open] != '/' || s[open] == '/' && open > at+1 {
			continue
		}
		begin := chars.SkipBack(s, at, 4*chars.MaxName, func(c byte) bool {
			return !chars.IsSpace(c) && !chars.IsEnd(c) && !chars.IsQuote(c) && c != chars.MaskByte
		})
		begin = max(begin, from)
		// It may be the value of a variable.
		if name := chars.Skip(s, begin, chars.IsWord); name < at && s[name] == '=' {
			begin = name + 1
		}
		if colon := strings.IndexByte(s[begin:at], ':'); colon > 0 && colon+1 < at-begin && !strings.HasPrefix(s[begin:at], finding.Marker) {
			return finding.New(begin, at, finding.RuleURL), true
		}
	}
	return finding.Finding{}, false
}
