// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"strings"
	"text/tabwriter"
)

// A Setting is what one switch of the log is set to, and who said so.
type Setting struct {
	// Key is the name of the switch in the configuration file.
	Key string
	// Value is in one spelling, whoever said it: "10MB", "true", "console,file".
	Value string
	// Origin is "option", "environment", "file" or "default".
	Origin string
	// Place is more of the origin: the variable, or file and line.
	Place string
}

// Settings is what every switch of the log is set to, in the order of the
// table in docs/settings.md.
type Settings []Setting

// Get returns the setting of a key. It is false if there is no such key.
func (s Settings) Get(key string) (Setting, bool) {
	for _, setting := range s {
		if setting.Key == key {
			return setting, true
		}
	}
	return Setting{}, false
}

// String returns a table of the settings, one a line: key, value, origin.
func (s Settings) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, setting := range s {
		value := setting.Value
		if value == "" {
			value = "-"
		}
		origin := setting.Origin
		if setting.Place != "" {
			origin += " " + setting.Place
		}
		_, _ = w.Write([]byte(setting.Key + "\t" + value + "\t" + origin + "\n")) // A Builder takes all.
	}
	_ = w.Flush()
	return b.String()
}

// Config returns what the log was set up with, and where each value came from, without secrets.
// Levels that were changed since are told by [SDK.Levels].
func (s *SDK) Config() Settings {
	if s == nil || s.set == nil {
		return nil
	}
	settings := make(Settings, len(s.set.Settings))
	for i, v := range s.set.Settings {
		text := v.Text
		if text == "" {
			text = v.Default
		}
		settings[i] = Setting{
			Key: v.Key, Value: s.redacted(text), Origin: string(v.Origin), Place: s.redacted(v.Place),
		}
	}
	return settings
}
