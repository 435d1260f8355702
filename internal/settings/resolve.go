// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Origin is where a value comes from.
type Origin string

// The origins, the strongest first.
const (
	FromOption      Origin = "option"
	FromEnvironment Origin = "environment"
	FromFile        Origin = "file"
	FromDefault     Origin = "default"
)

// A Value is what a switch is set to.
type Value struct {
	Switch

	// Text is the value in its one spelling, or "" if it is not set and
	// the default depends on other switches.
	Text   string
	Origin Origin
	// Place is the variable, or the file and its line.
	Place string
}

// Options are the values that options set, by the keys of their switches.
type Options map[string]string

// Settings are the values of all switches, in their order.
type Settings []Value

// Resolve returns the value of each switch: from an option, else from the
// environment, else from the file, else the default. The file is path or, if path
// is empty, the value of [FileVariable]. Errors in variables go to the reader; the
// returned error is about options and the file.
func Resolve(opts Options, r *Reader, path string) (Settings, error) {
	if variable, ok := r.String(FileVariable); path == "" && ok {
		path = variable
	}
	var file map[string]entry
	var errs []error
	if path != "" {
		var err error
		if file, err = readFile(path); err != nil {
			errs = append(errs, err)
		}
	}
	settings := make(Settings, 0, len(Switches()))
	for _, s := range Switches() {
		v := Value{Switch: s, Origin: FromDefault}
		if canonical, ok := s.parse(s.Default); ok {
			v.Text = canonical
		}
		if e, ok := file[s.Key]; ok {
			v.Text, v.Origin, v.Place = e.text, FromFile, fmt.Sprintf("%s:%d", path, e.line)
		}
		if text, ok := r.String(s.Variable); ok {
			canonical, valid := s.parse(text)
			if !valid {
				r.Fail(s.Variable, text, s.Want)
			}
			v.Text, v.Origin, v.Place = canonical, FromEnvironment, s.Variable
		}
		if text, ok := opts[s.Key]; ok {
			canonical, valid := s.parse(strings.TrimSpace(text))
			if !valid {
				errs = append(errs, fmt.Errorf("LogConfig.%s=%q: want %s", s.Field, text, s.Want))
			}
			v.Text, v.Origin, v.Place = canonical, FromOption, ""
		}
		settings = append(settings, v)
	}
	settings.derive()
	if err := settings.check(); err != nil && len(errs) == 0 {
		errs = append(errs, err)
	}
	return settings, errors.Join(errs...)
}

// WithoutConsole returns the settings without the console among the outputs, as if
// an option had removed it.
func (s Settings) WithoutConsole() Settings {
	if !s.has(Console) {
		return s
	}
	s = slices.Clone(s)
	output := s.value(KeyOutput)
	outputs := slices.DeleteFunc(members(output.Text), func(o string) bool { return o == Console })
	output.Text, output.Origin, output.Place = strings.Join(outputs, ","), FromOption, ""
	if len(outputs) == 0 {
		output.Text = none
	}
	return s
}

// derive fills the defaults that depend on other switches.
func (s Settings) derive() {
	output := s.value(KeyOutput)
	if output.Origin == FromDefault {
		outputs := []string{Console}
		if s.value(KeyFile).Text != "" {
			outputs = append(outputs, File)
		}
		if s.value(KeySyslogAddress).Origin != FromDefault {
			outputs = append(outputs, Syslog)
		}
		output.Text = strings.Join(outputs, ",")
	}
	for key, from := range map[string]string{
		KeyConsoleFormat: KeyFormat, KeyFileFormat: KeyFormat, KeySyslogFormat: KeyFormat,
		KeyConsoleLevel: KeyLevel, KeyFileLevel: KeyLevel, KeySyslogLevel: KeyLevel,
	} {
		if v := s.value(key); v.Origin == FromDefault {
			v.Text = s.value(from).Text
		}
	}
	if v := s.value(KeySyslogFormat); v.Text == OTel {
		v.Text = JSON // A syslog message is one line of a few kilobytes.
	}
}

// check rejects values that contradict each other.
func (s Settings) check() error {
	if s.has(File) && s.value(KeyFile).Text == "" {
		return errors.New("LOG_OUTPUT includes \"file\" but LOG_FILE is not set")
	}
	filter, exclude := members(s.value(KeyFilterModules).Text), members(s.value(KeyExcludeModules).Text)
	if len(filter) > 0 && !slices.ContainsFunc(filter, func(m string) bool { return !Belongs(Module(m), exclude) }) {
		return fmt.Errorf("%s=%q and %s=%q leave no module to log: want a module in the first that the second does not exclude",
			KeyFilterModules, strings.Join(filter, ","), KeyExcludeModules, strings.Join(exclude, ","))
	}
	return nil
}

// value returns the value of a key, which must exist.
func (s Settings) value(key string) *Value {
	for i := range s {
		if s[i].Key == key {
			return &s[i]
		}
	}
	return &Value{}
}

func (s Settings) has(output string) bool {
	return slices.Contains(members(s.value(KeyOutput).Text), output)
}

// With returns the options with one more. The receiver is not changed.
func (o Options) With(key, value string) Options {
	o = maps.Clone(o)
	if o == nil {
		o = make(Options)
	}
	o[key] = value
	return o
}
