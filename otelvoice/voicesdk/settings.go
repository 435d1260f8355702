// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"strings"
	"text/tabwriter"
)

// A Setting is one setting of the log and its origin.
type Setting struct {
	// Key is the name of the setting in the configuration file.
	Key string
	// Value is in canonical form, whatever its origin: "10MB", "true", "console,file".
	Value string
	// Origin is "option", "environment", "file" or "default".
	Origin string
	// Place is the variable, or the file and its line.
	Place string
}

// Settings are all settings of the log, in the order of the table in docs/settings.md.
type Settings []Setting

// Get returns the setting with the key, and whether there is one.
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

// Config returns the settings that the log was set up with, and where each came from, without
// secrets. [SDK.Levels] returns levels that were changed since.
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
