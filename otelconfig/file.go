// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/contrib/otelconf"
	"go.yaml.in/yaml/v3"
)

// A file is a configuration file that was read.
type file struct {
	*otelconf.OpenTelemetryConfiguration

	unknown []string // Its keys that OpenTelemetry does not name. The schema allows them.
}

// read reads the file and substitutes variables.
func read(path string) (*file, error) {
	text, err := os.ReadFile(path) //nolint:gosec // The operator chooses the file.
	if err != nil {
		return nil, err
	}
	model, err := otelconf.ParseYAML(text)
	if err != nil {
		return nil, err
	}
	f := &file{OpenTelemetryConfiguration: model}
	if err := f.checkFormat(); err != nil {
		return nil, err
	}
	if f.unknown, err = unknownKeys(text); err != nil {
		return nil, err
	}
	if len(f.unknown) > 0 && f.TracerProvider == nil && f.MeterProvider == nil && f.LoggerProvider == nil {
		return nil, fmt.Errorf("unknown keys %s, and no provider", strings.Join(f.unknown, ", "))
	}
	return f, nil
}

// checkFormat returns an error for a version whose names differ.
func (f *file) checkFormat() error {
	switch major, _, _ := strings.Cut(f.FileFormat, "."); major {
	case "1":
		return nil
	case "":
		return errors.New("file_format is missing: want 1.0")
	}
	return fmt.Errorf("file_format is %q: want 1.0", f.FileFormat)
}

// unknownKeys returns the keys of a file that no version of the schema names, sorted. Those that begin with x- are
// the user's.
func unknownKeys(text []byte) (unknown []string, err error) {
	var keys map[string]yaml.Node
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return nil, err
	}
	for key := range keys {
		if !isKnown(key) && !strings.HasPrefix(key, "x-") {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	return unknown, nil
}

func isKnown(key string) bool {
	for field := range reflect.TypeFor[otelconf.OpenTelemetryConfiguration]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == key || strings.HasPrefix(key, name+"/") && name != "" { // instrumentation/development
			return true
		}
	}
	return false
}
