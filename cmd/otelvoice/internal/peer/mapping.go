// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"embed"
	"fmt"
	"math"
	"path"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelsemconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

//go:embed livekit.yaml pipecat.yaml
var mappings embed.FS

// What a span is.
const (
	isSession     = "session"
	isTurn        = "turn"
	isUserTurn    = "user_turn"
	isAgentTurn   = "agent_turn"
	isUserSpeech  = "user_speech"
	isAgentSpeech = "agent_speech"
	isNode        = "node"    // All requests of a stage of one answer.
	isRequest     = "request" // All attempts of a request.
	isAttempt     = "attempt"
)

// framework is the mapping of a framework.
type framework struct {
	Name       string              `yaml:"name"`
	Scope      string              `yaml:"scope"`
	Spans      []kind              `yaml:"spans"`
	Attributes map[string][]rename `yaml:"attributes"`
	// Interrupted is the attribute that says that a turn was interrupted, unless the attribute Ended is true.
	Interrupted attribute.Key    `yaml:"interrupted"`
	Ended       attribute.Key    `yaml:"ended"`
	Delays      map[string]value `yaml:"delays"`
	Inherited   []string         `yaml:"inherited"`
	Missing     []string         `yaml:"missing"`
}

// kind says what the spans are whose names match a pattern.
type kind struct {
	Name      string `yaml:"name"`
	Is        string `yaml:"is"`
	Stage     string `yaml:"stage"`
	Operation string `yaml:"operation"`
}

// rename is an attribute that becomes another one.
type rename struct {
	value `yaml:",inline"`
	To    attribute.Key `yaml:"to"`
}

// value is an attribute and its unit.
type value struct {
	From attribute.Key `yaml:"from"`
	// Unit is s or ms. Values without one are taken as they are.
	Unit   string `yaml:"unit"`
	Python string `yaml:"python"` // The unit that the framework's version in Python sends, if it differs.
	Add    int64  `yaml:"add"`
}

// frameworks returns the mappings. A mapping that cannot be read is left out; the tests read all of them.
var frameworks = sync.OnceValue(func() (list []*framework) {
	for _, file := range []string{"livekit.yaml", "pipecat.yaml"} {
		if f, err := load(file); err == nil {
			list = append(list, f)
		}
	}
	return list
})

func load(file string) (*framework, error) {
	text, err := mappings.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f := new(framework)
	if err := yaml.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return f, nil
}

func (f *framework) kindOf(name string) kind {
	for _, k := range f.Spans {
		if ok, err := path.Match(k.Name, name); ok && err == nil {
			return k
		}
	}
	return kind{}
}

// of returns the attributes that those of a span become.
func (f *framework) of(attrs signal.Attributes, things ...string) (list []signal.Attribute) {
	for _, thing := range things {
		for _, r := range f.Attributes[thing] {
			v := attrs.Get(r.From)
			if r.Add != 0 {
				n, ok := attrs.Int(r.From)
				if !ok || n < 0 {
					continue
				}
				v = n + r.Add
			}
			if r.Unit != "" {
				d, ok := attrs.Seconds(r.From)
				if !ok || d < 0 {
					continue
				}
				v = d.Seconds()
				if r.Unit == "ms" {
					v = d.Seconds() / 1000
				}
			}
			if v != nil {
				list = append(list, signal.Attribute{Key: string(r.To), Value: v})
			}
		}
	}
	return list
}

// delay returns a delay, which is positive. Zero stands for one that the framework does not know.
func (f *framework) delay(s *signal.Span, name string) (d time.Duration, ok bool) {
	v := f.Delays[name]
	n, ok := s.Attributes.Float(v.From)
	if !ok || n <= 0 || n > 1e9 {
		return 0, false
	}
	if v.Unit == "ms" && !(v.Python == "s" && isSeconds(s, n)) {
		n /= 1000
	}
	return time.Duration(n * float64(time.Second)), true
}

// isSeconds reports whether a delay is in seconds, as the framework documents: its version in Python sends seconds, and
// so does the toolkit itself in the framework's vocabulary. Milliseconds are whole numbers: if Node sent the span, or
// the language is unknown, a fraction shows it.
func isSeconds(s *signal.Span, delay float64) bool {
	language := ""
	if s.Resource != nil {
		language = s.Resource.Attributes.Text(otelsemconv.TelemetrySDKLanguageKey)
	}
	switch language {
	case "", otelsemconv.TelemetrySDKLanguageNodejs.Value.AsString():
		return delay != math.Trunc(delay)
	}
	return true
}

// inherits reports whether inner spans have an attribute from those around them.
func (f *framework) inherits(key string) bool {
	return slices.ContainsFunc(f.Inherited, func(pattern string) bool {
		ok, err := path.Match(pattern, key)
		return ok && err == nil
	})
}
