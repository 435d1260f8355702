// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import "strings"

// alias is the name by which configuration files of other toolkits call the modules
// below [namespace]: voice_agents.stt is voice.stt.
const (
	alias     = "voice_agents"
	namespace = "voice"
)

// Module returns the name that filters and levels know a module by. It is the name
// itself, but for those below voice_agents, which is another name of voice.
func Module(name string) string {
	if rest, ok := strings.CutPrefix(name, alias); ok && (rest == "" || rest[0] == '.') {
		return namespace + rest
	}
	return name
}

// Belongs reports whether a module is one of the names or below one: voice.stt
// belongs to voice, and voicemail does not.
func Belongs(module string, names []string) bool {
	for _, name := range names {
		rest, ok := strings.CutPrefix(module, Module(name))
		if ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
