// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// prefixes are how keys begin that say themselves that they are some, by their
// first letter. What follows must be long enough for a key.
var prefixes = func() (table [256][]string) {
	for _, p := range []string{
		"sk-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "whsec_", // OpenAI, Anthropic, Stripe
		"xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-", // Slack
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", // GitHub, GitLab
		"AKIA", "ASIA", "AIza", "ya29.", // AWS, Google
		"hf_", "gsk_", "xai-", "r8_", "dop_v1_", "npm_", "pypi-", "SG.", "sk_", // Hugging Face, Groq, xAI, Replicate, …
	} {
		table[p[0]] = append(table[p[0]], p)
	}
	return table
}()

// jwtBegin is how the header of every JSON web token begins: {" in base64.
const jwtBegin = "eyJ"

// apiKey finds keys by how they begin, and JSON web tokens by their three parts.
func apiKey(s string, from int) (begin, end int, with string) {
	for i := from; i < len(s); {
		if i > from && !startsWord(s, i) {
			i++
			continue
		}
		end := tokenEnd(s, i)
		for _, p := range prefixes[s[i]] {
			if strings.HasPrefix(s[i:], p) && end-i >= shortestKey && hasDigit(s[i+len(p):end]) {
				return i, end, "[REDACTED:api_key]"
			}
		}
		if strings.HasPrefix(s[i:], jwtBegin) {
			if end := jwtEnd(s, i); end > i {
				return i, end, "[REDACTED:token]"
			}
		}
		i = max(end, i+1)
	}
	return -1, -1, ""
}

// tokenEnd returns where the letters, digits, dashes and underscores end.
func tokenEnd(s string, i int) int {
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || s[i] == '-' || s[i] == '_') {
		i++
	}
	return i
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// jwtEnd returns where a token of header, payload and signature ends, or -1. The
// signature may be empty.
func jwtEnd(s string, i int) int {
	header := tokenEnd(s, i)
	if header-i < shortestKey || header >= len(s) || s[header] != '.' {
		return -1
	}
	payload := tokenEnd(s, header+1)
	if payload-header < len(jwtBegin) {
		return -1
	}
	if payload < len(s) && s[payload] == '.' {
		return tokenEnd(s, payload+1)
	}
	return payload
}

// email finds e-mail and SIP addresses.
func email(s string, from int) (begin, end int, with string) {
	for i := from; i < len(s); i++ {
		n := strings.IndexByte(s[i:], '@')
		if n < 0 {
			break
		}
		i += n
		begin = i
		for begin > from && i-begin < maxName && isLocal(s[begin-1]) {
			begin--
		}
		end, dot := i+1, false
		for end < len(s) && (isLetter(s[end]) || isDigit(s[end]) || s[end] == '-' || s[end] == '.' && end+1 < len(s) && isWord(s[end+1])) {
			dot = dot || s[end] == '.'
			end++
		}
		tooLong := i-begin == maxName && begin > from && isLocal(s[begin-1])
		if begin < i && dot && end-i >= len("@a.b") && !tooLong && !isVersion(s[i+1:end]) {
			return begin, end, "[REDACTED:email]"
		}
	}
	return -1, -1, ""
}

// isVersion reports whether what stands behind an @ is the version of a Go module, as in
// the source of a line or in a stack trace: v4.0.12.
func isVersion(s string) bool {
	if s[0] != 'v' {
		return false
	}
	major, rest, _ := strings.Cut(s[1:], ".")
	return major != "" && rest != "" && isDigit(rest[0]) && strings.Trim(major, "0123456789") == ""
}

func isLocal(c byte) bool { return isWord(c) || strings.IndexByte(".%+-", c) >= 0 }
