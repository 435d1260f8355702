// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// prefix is the prefix of a kind of API key.
type prefix struct {
	text string
	end  func(s string, i int) int // Returns the end of the key whose prefix ends at i, or i.
}

// prefixes are those of the well-known services, by their first letter.
var prefixes = func() (table [256][]prefix) {
	add := func(end func(string, int) int, texts ...string) {
		for _, text := range texts {
			table[text[0]] = append(table[text[0]], prefix{text, end})
		}
	}
	add(keyEnd,
		"sk-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "whsec_", "sk_", // OpenAI, Anthropic, Stripe, ElevenLabs, Cartesia
		"xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xapp-", "xoxe-", "xoxe.", // Slack
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", // GitHub, GitLab
		"AIza", "GOCSPX-", // Google
		"hf_", "gsk_", "xai-", "r8_", "pplx-", "nvapi-", "tvly-", // Hugging Face, Groq, xAI, Replicate, Perplexity, NVIDIA, Tavily, …
		"dop_v1_", "npm_", "pypi-", "dckr_pat_", "glsa_", "glc_", "lin_api_", "figd_", "shpat_", "shpss_", "sbp_", "dapi", "PMAK-",
		"hvs.", "hvb.", "AGE-SECRET-KEY-", "NRAK-", "sntrys_", "sq0atp-", "sq0csp-")
	add(longKeyEnd, "hf_", "fw_", "csk-", "lsv2_pt_", "lsv2_sk_", "pcsk_", "KEY0", "key-", "ntn_", "secret_", "ek_", "cvtkn_", "live_", "rpa_", "EAAC", "APA91b", "dt0c01.", "xaat-")
	add(cryptoEnd, "inline:")
	add(awsKeyEnd, "AKIA", "ASIA")
	add(dottedEnd, "openai-insecure-api-key.", "SG.", "ya29.", "xoxe.xoxp-", "sk.ey", "pk.ey", "AQ.")
	add(hookEnd, "hooks.slack.com/", "hooks.zapier.com/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/", "outlook.office.com/webhook/")
	add(botEnd, "bot")
	add(accountEnd, "AC")
	return table
}()

// jwtBegin is the beginning of the header of every JSON web token: {" in base64.
const jwtBegin = "eyJ"

// APIKey finds API keys by their prefix, and JSON web tokens by their three parts.
func APIKey(s string, from int) (finding.Finding, bool) {
	for i := from; i < len(s); {
		if i > from && !chars.StartsWord(s, i) && s[i-1] != '_' {
			i++
			continue
		}
		for _, p := range prefixes[s[i]] {
			if !strings.HasPrefix(s[i:], p.text) {
				continue
			}
			if end := p.end(s, i+len(p.text)); end > i+len(p.text) {
				return finding.New(i, end, finding.RuleAPIKey), true
			}
		}
		if chars.IsDigit(s[i]) {
			if end := botEnd(s, i); end > i {
				return finding.New(i, end, finding.RuleAPIKey), true
			}
		}
		if strings.HasPrefix(s[i:], jwtBegin) {
			if end := jwtEnd(s, i); end > i {
				return finding.New(i, end, finding.RuleToken), true
			}
		}
		i = max(chars.Skip(s, i, func(c byte) bool { return chars.IsLetter(c) || chars.IsDigit(c) }), i+1)
	}
	return finding.Finding{}, false
}

const (
	maxJudged    = 256     // The part of a key that is judged.
	maxJWTHeader = 1 << 10 // Of a JSON web token.
)

// keyEnd reads a key as most services make it. Names of packages and models also have dashes and digits,
// but no long part.
func keyEnd(s string, i int) int {
	end := chars.Skip(s[:min(len(s), i+maxJudged)], i, chars.IsToken)
	if end-i < chars.MinKey-4 || !strings.ContainsAny(s[i:end], "0123456789") {
		return i
	}
	longest, begin, mixed := 0, i, false
	for j := i; j <= end; j++ {
		if j == end || s[j] == '-' || s[j] == '_' {
			if part := s[begin:j]; strings.ContainsAny(part, "0123456789") {
				longest = max(longest, len(part))
			}
			mixed = mixed || isMixed(s[begin:j])
			begin = j + 1
		}
	}
	if longest >= chars.MinKey || longest >= 10 && (mixed || end-i >= 20) || mixed && end-i >= 24 {
		return chars.Skip(s, end, chars.IsToken)
	}
	return i
}

// longKeyEnd reads a key whose prefix also begins other words: it has a part of at least 24 letters and
// digits.
func longKeyEnd(s string, i int) int {
	end := chars.Skip(s[:min(len(s), i+maxJudged)], i, chars.IsToken)
	for part := range strings.FieldsFuncSeq(s[i:end], func(c rune) bool { return c == '-' || c == '_' }) {
		if len(part) >= 24 && (strings.ContainsAny(part, "0123456789") || chars.IsCamel(part) || len(part) >= 32) {
			return chars.Skip(s, end, chars.IsToken)
		}
	}
	return i
}

// cryptoEnd reads an SRTP key in SDP (RFC 4568): a=crypto:1 … inline:….
func cryptoEnd(s string, i int) int {
	end := chars.Skip(s, i, func(c byte) bool { return chars.IsToken(c) || c == '+' || c == '/' || c == '=' })
	if end-i < 24 {
		return i
	}
	return end
}

// isMixed reports whether a text has letters of both cases, and digits.
func isMixed(s string) bool {
	small, big, digit := false, false, false
	for _, c := range []byte(s) {
		small, big, digit = small || chars.IsLower(c), big || 'A' <= c && c <= 'Z', digit || chars.IsDigit(c)
	}
	return small && big && digit
}

// awsKeyEnd reads the ID of an AWS access key: 16 capitals and digits.
func awsKeyEnd(s string, i int) int {
	end := chars.Skip(s, i, func(c byte) bool { return chars.IsLetter(c) || chars.IsDigit(c) })
	if end-i != 16 || strings.ToUpper(s[i:end]) != s[i:end] {
		return i
	}
	return end
}

// dottedEnd reads a key whose parts are separated by dots: SendGrid keys, Google access tokens.
func dottedEnd(s string, i int) int {
	end := chars.Skip(s, i, func(c byte) bool { return chars.IsToken(c) || c == '.' })
	for end > i && s[end-1] == '.' { // The end of a sentence.
		end--
	}
	if end-i < chars.MinKey {
		return i
	}
	return end
}

// hookEnd reads the path of a webhook's URL. The path authorizes the sender.
func hookEnd(s string, i int) int {
	end := chars.Skip(s, i, func(c byte) bool { return chars.IsToken(c) || c == '/' || c == '@' || c == '.' })
	if end-i < chars.MinKey {
		return i
	}
	return end
}

// botEnd reads the ID and the token of a Telegram bot: 123456789:AA….
func botEnd(s string, i int) int {
	colon := chars.Skip(s, i, chars.IsDigit)
	if colon-i < 6 || colon >= len(s) || s[colon] != ':' {
		return i
	}
	if end := chars.Skip(s, colon+1, chars.IsToken); end-colon > 33 && strings.HasPrefix(s[colon:], ":AA") {
		return end
	}
	return i
}

// accountEnd reads a Twilio account with its token: AC and 32 hexadecimal digits, and 32 more.
func accountEnd(s string, i int) int {
	account := chars.Skip(s, i, chars.IsHex)
	if account-i != 32 {
		return i
	}
	token := chars.Skip(s, account, func(c byte) bool { return !chars.IsToken(c) && !chars.IsEnd(c) })
	if token == account || token-account > MaxGap {
		return i
	}
	if end := chars.Skip(s, token, chars.IsHex); end-token == 32 && (end == len(s) || !chars.IsToken(s[end])) {
		return end
	}
	return i
}

// jwtEnd returns the end of a token of header, payload and signature, or -1. The signature may be empty.
func jwtEnd(s string, i int) int {
	header := chars.Skip(s[:min(len(s), i+maxJWTHeader)], i, chars.IsToken)
	if header-i < chars.MinKey || header >= len(s) || s[header] != '.' {
		return -1
	}
	payload := chars.Skip(s, header+1, chars.IsToken)
	if payload-header < len(jwtBegin) {
		return -1
	}
	end := payload
	for parts := 0; parts < 3 && end < len(s) && s[end] == '.'; parts++ { // Encrypted tokens have five parts.
		next := chars.Skip(s, end+1, chars.IsToken)
		if next == end+1 && parts > 0 {
			break
		}
		end = next
	}
	return end
}

// StartsKey reports whether a text begins with the prefix of a key or token.
func StartsKey(s string) bool {
	for _, p := range prefixes[s[0]] {
		if strings.HasPrefix(s, p.text) {
			return true
		}
	}
	return strings.HasPrefix(s, jwtBegin)
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) Has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

// KeyStarts are the second bytes of the prefixes of keys and tokens, by their first byte.
var KeyStarts = func() (table [256]byteSet) {
	add := func(p string) { table[p[0]][p[1]>>6] |= 1 << (p[1] & 63) }
	for _, list := range prefixes {
		for _, p := range list {
			add(p.text)
		}
	}
	add(jwtBegin)
	return table
}()
