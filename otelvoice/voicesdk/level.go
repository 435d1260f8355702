// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// SetLevel changes the least severe level that is logged: of all modules without a level of their
// own or, if modules are named, of these and the modules below them. An output with a level of its
// own keeps it, but logs no more of a module than the module's level allows. The error names each
// module whose name is invalid.
func (s *SDK) SetLevel(level slog.Level, modules ...string) error {
	if s == nil || s.set == nil {
		return nil
	}
	if len(modules) == 0 {
		s.set.LogLevels.Set(level)
		return nil
	}
	var errs []error
	for _, module := range modules {
		if err := s.set.LogLevels.SetModule(module, level); err != nil {
			errs = append(errs, fmt.Errorf("otelvoice: set the level: %w", err))
		}
	}
	return errors.Join(errs...)
}

// ResetLevel removes the levels that modules have of their own.
func (s *SDK) ResetLevel(modules ...string) {
	if s == nil || s.set == nil {
		return
	}
	for _, module := range modules {
		s.set.LogLevels.ResetModule(module)
	}
}

// Levels returns the current level, and those of the modules that have their own.
func (s *SDK) Levels() (slog.Level, map[string]slog.Level) {
	if s == nil || s.set == nil {
		return slog.LevelInfo, nil
	}
	return s.set.LogLevels.Levels()
}

// levels is the body of the level handler's answers.
type levels struct {
	Level   slog.Level            `json:"level"`
	Modules map[string]slog.Level `json:"modules,omitempty"`
}

// levelChange is the body of a PUT.
type levelChange struct {
	Level  string `json:"level"`
	Module string `json:"module"`
}

// maxLevelBody bounds the body of a request for another level.
const maxLevelBody = 4 << 10

// LevelHandler returns a handler that shows and changes levels at run time. It has no
// authentication, and its clients can fill the disk: serve it only on an internal address.
//
//	GET                                              shows the levels
//	PUT {"level":"DEBUG"}                            sets the level of all modules
//	PUT {"level":"DEBUG","module":"voice.stt"}       sets that of one, and of those below it
//	DELETE ?module=voice.stt                         removes the level of one
//
// Every answer has the levels after the request. An invalid request is answered with 400 and what
// is allowed.
func (s *SDK) LevelHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPut:
			err = s.changeLevel(http.MaxBytesReader(w, r.Body, maxLevelBody))
		case http.MethodDelete:
			s.ResetLevel(r.URL.Query()["module"]...)
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT, DELETE")
			http.Error(w, "want GET, PUT or DELETE", http.StatusMethodNotAllowed)
			return
		}
		if err != nil {
			http.Error(w, s.redacted(err.Error()), http.StatusBadRequest)
			return
		}
		var now levels
		now.Level, now.Modules = s.shownLevels()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(now) // The client has gone.
	})
}

// shownLevels returns the levels under the names that the modules have in log lines.
func (s *SDK) shownLevels() (slog.Level, map[string]slog.Level) {
	level, modules := s.Levels()
	shown := make(map[string]slog.Level, len(modules))
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		name := logrecord.FreeKey(attribute.Key(s.redacted(module)), func(k attribute.Key) bool { _, ok := shown[string(k)]; return ok })
		shown[string(name)] = modules[module]
	}
	return level, shown
}

// redacted returns a text without secrets.
func (s *SDK) redacted(text string) string {
	if s == nil || s.set == nil {
		return text
	}
	return s.set.Redactor.String(text)
}

func (s *SDK) changeLevel(body io.Reader) error {
	var change levelChange
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&change); err != nil {
		return fmt.Errorf(`body: %w: want {"level":"DEBUG"}, with a "module" or without`, err)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(change.Level)); err != nil {
		return fmt.Errorf("level %q: want one of DEBUG, INFO, WARN, ERROR", change.Level)
	}
	if change.Module == "" {
		return s.SetLevel(level)
	}
	return s.SetLevel(level, change.Module)
}
