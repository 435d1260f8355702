// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
)

// The limits of a tracestate.
const (
	maxMembers = 32
	maxKey     = 256
	maxValue   = 256
)

// member is a list member of a tracestate, in the grammar of level 2.
type member struct{ key, value string }

// parseState returns the members of all tracestate headers in order. It returns none if a member is not
// valid or there are too many. Of members with the same key, it keeps the first, which is the newest.
func parseState(headers []string) []member {
	var members []member
	for _, header := range headers {
		for text := range strings.SplitSeq(header, ",") {
			text = strings.Trim(text, blanks)
			if text == "" { // Lists may have empty members.
				continue
			}
			m, ok := parseMember(text)
			if !ok {
				return nil
			}
			if slices.ContainsFunc(members, func(other member) bool { return other.key == m.key }) {
				continue
			}
			if len(members) == maxMembers {
				return nil
			}
			members = append(members, m)
		}
	}
	return members
}

func parseMember(text string) (m member, ok bool) {
	if m.key, m.value, ok = strings.Cut(text, "="); !ok {
		return m, false
	}
	return m, isKey(m.key) && isValue(m.value)
}

func isKey(key string) bool {
	if key == "" || len(key) > maxKey || !isLetterOrDigit(key[0]) {
		return false
	}
	for i := range len(key) {
		if !isLetterOrDigit(key[i]) && strings.IndexByte("_-*/@", key[i]) < 0 {
			return false
		}
	}
	return true
}

// isValue reports whether a text is a valid value. Its trailing blanks have been removed.
func isValue(value string) bool {
	if value == "" || len(value) > maxValue {
		return false
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == '=' || c == ',' {
			return false
		}
	}
	return true
}

func isLetterOrDigit(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

// The maximum lengths of the parts of a key with "@" in level 1.
const (
	maxTenant = 241
	maxSystem = 14
)

// isLevel1 reports whether the key of a member is valid in level 1, so that a
// [go.opentelemetry.io/otel/trace.TraceState] can hold it.
func (m member) isLevel1() bool {
	tenant, system, ok := strings.Cut(m.key, "@")
	if !ok {
		return isLetter(m.key[0])
	}
	return len(tenant) <= maxTenant && system != "" && len(system) <= maxSystem &&
		isLetter(system[0]) && !strings.Contains(system, "@")
}

func (member) isAny() bool { return true }

func all(members []member, is func(member) bool) bool {
	return !slices.ContainsFunc(members, func(m member) bool { return !is(m) })
}

// format returns a tracestate of the wanted members.
func format(members []member, wanted func(member) bool) string {
	if len(members) == 0 {
		return ""
	}
	var b strings.Builder
	for _, m := range members {
		if !wanted(m) {
			continue
		}
		if b.Len() > 0 {
			_ = b.WriteByte(',')
		}
		_, _ = b.WriteString(m.key)
		_ = b.WriteByte('=')
		_, _ = b.WriteString(m.value)
	}
	return b.String()
}
