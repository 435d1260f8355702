// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import "strings"

// keeps reports whether a module's records are kept: it is one of those that
// are named, or below one, and none of those that are left out. No names at all
// mean every module.
func keeps(module string, only, without []string) bool {
	return (len(only) == 0 || belongs(module, only)) && !belongs(module, without)
}

// belongs reports whether a module is one of the names or below one: voice.stt
// belongs to voice, and voicemail does not.
func belongs(module string, names []string) bool {
	for _, name := range names {
		rest, ok := strings.CutPrefix(module, name)
		if ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
