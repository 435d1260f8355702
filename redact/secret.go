// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// pair finds the value of a secret key in text: password=…, "apiKey": "…",
// Authorization: Bearer …, ?key=… in a URL.
func (r *Redactor) pair(s string, from int) (begin, end int, with string) {
	for i := from; i < len(s); i++ {
		if s[i] != '=' && s[i] != ':' {
			continue
		}
		name, query := nameBefore(s, i)
		if secret := r.keys.has(name) || query && isQuerySecret(name); name == "" || !secret {
			continue
		}
		if begin, end := valueAfter(s, i+1); end > begin && !strings.HasPrefix(s[begin:], marker) {
			return begin, end, Redacted
		}
	}
	return -1, -1, ""
}

// maxName bounds how far back the name before a separator is looked for.
const maxName = 64

// nameBefore returns the name that ends before position i, and whether it is
// that of a parameter in a URL.
func nameBefore(s string, i int) (name string, query bool) {
	end := i
	for end > 0 && end > i-3 && (s[end-1] == ' ' || s[end-1] == '"' || s[end-1] == '\'' || s[end-1] == '\\') {
		end--
	}
	begin := end
	for begin > 0 && end-begin < maxName && isName(s[begin-1]) {
		begin--
	}
	return s[begin:end], begin > 0 && (s[begin-1] == '?' || s[begin-1] == '&')
}

func isName(c byte) bool { return isWord(c) || c == '-' || c == '.' }

// isQuerySecret reports whether a parameter of a URL is secret that is none in
// other text.
func isQuerySecret(name string) bool {
	switch strings.ToLower(name) {
	case "key", "sig", "signature", "code", "x-amz-signature", "x-amz-credential", "x-goog-signature":
		return true
	}
	return false
}

// valueAfter returns where the value after a separator begins and ends: what is
// quoted, else one word, or two if the first is the name of a scheme.
func valueAfter(s string, i int) (begin, end int) {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	escaped := i+1 < len(s) && s[i] == '\\' && (s[i+1] == '"' || s[i+1] == '\'')
	if escaped {
		i++
	}
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		return i + 1, closing(s, i+1, s[i], escaped)
	}
	end = unquotedEnd(s, i)
	for _, scheme := range schemes {
		if strings.EqualFold(s[i:end], scheme) && end < len(s) && s[end] == ' ' {
			end = unquotedEnd(s, end+1)
			break
		}
	}
	return i, end
}

// schemes are those of the header Authorization.
var schemes = []string{"bearer", "basic", "token", "digest", "apikey"}

// closing returns where the quote is that ends a quoted value. A value that never
// ends goes to the end.
func closing(s string, i int, quote byte, escaped bool) int {
	for ; i < len(s); i++ {
		switch {
		case s[i] == '\\' && escaped && i+1 < len(s) && s[i+1] == quote:
			return i
		case s[i] == '\\' && !escaped:
			i++
		case s[i] == quote:
			return i
		}
	}
	return len(s)
}

// unquotedEnd returns where an unquoted value ends.
func unquotedEnd(s string, i int) int {
	if n := strings.IndexAny(s[i:], " \t\r\n,;&)}]>\"'"); n >= 0 {
		return i + n
	}
	return len(s)
}

// bearerToken finds what follows Bearer and Basic.
func bearerToken(s string, from int) (begin, end int, with string) {
	for i := from; i+1 < len(s); i++ {
		if s[i] != ' ' {
			continue
		}
		for _, scheme := range [...]string{"bearer", "basic"} {
			at := i - len(scheme)
			if at < 0 || !strings.EqualFold(s[at:i], scheme) || !startsWord(s, at) {
				continue
			}
			end := i + 1
			digit := false
			for end < len(s) && (isWord(s[end]) || strings.IndexByte("-._~+/=", s[end]) >= 0) {
				digit = digit || isDigit(s[end]) || s[end] == '='
				end++
			}
			// "basic training" and "bearer of news" are English.
			if n := end - i - 1; n >= shortestKey || n >= 6 && digit {
				return i + 1, end, "[REDACTED:token]"
			}
		}
	}
	return -1, -1, ""
}

// userInfo finds user and password in URLs.
func userInfo(s string, from int) (begin, end int, with string) {
	for from < len(s) {
		n := strings.Index(s[from:], "://")
		if n < 0 {
			break
		}
		begin = from + n + len("://")
		stop := begin
		for stop < len(s) && strings.IndexByte("/?# \t\r\n\"'<>", s[stop]) < 0 {
			stop++
		}
		if at := strings.LastIndexByte(s[begin:stop], '@'); at > 0 && s[begin:begin+at] != Redacted {
			return begin, begin + at, Redacted
		}
		from = begin // What it stopped at may be the next one's slashes.
	}
	return -1, -1, ""
}

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
)

// pem finds private keys; certificates are public.
func pem(s string, from int) (begin, end int, with string) {
	for from < len(s) {
		n := strings.Index(s[from:], pemBegin)
		if n < 0 {
			break
		}
		begin = from + n
		from = begin + len(pemBegin)
		label, _, _ := strings.Cut(s[from:min(len(s), from+maxName)], "-----")
		if !strings.HasSuffix(label, "PRIVATE KEY") {
			continue
		}
		end = len(s) // A block that was cut off is secret too.
		if n := strings.Index(s[from:], pemEnd); n >= 0 {
			end = from + n + len(pemEnd)
			if n := strings.Index(s[end:], "-----"); n >= 0 {
				end += n + len("-----")
			}
		}
		return begin, end, "[REDACTED:private_key]"
	}
	return -1, -1, ""
}
