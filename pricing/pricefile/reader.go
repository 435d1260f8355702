// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricefile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/pricing"
)

// The keys of a price.
const (
	keyProvider   = "provider"
	keyModel      = "model"
	keyUnit       = "unit"
	keyPrice      = "price"
	keyPer        = "per"
	keyCurrency   = "currency"
	keyValidFrom  = "valid_from"
	keyValidUntil = "valid_until"
	keyRoundUp    = "round_up"
	keyMinimum    = "minimum"
)

// keys returns the keys of a price. The first required ones must be there.
func keys() []string {
	return []string{
		keyProvider, keyModel, keyUnit, keyPrice, keyCurrency,
		keyPer, keyValidFrom, keyValidUntil, keyRoundUp, keyMinimum,
	}
}

const required = 5

// reader reads the nodes of a file and collects the errors.
type reader struct {
	name   string
	errs   []error
	missed int // Errors beyond maxErrors.
}

// fail adds an error about a node.
func (r *reader) fail(at *yaml.Node, format string, args ...any) {
	if len(r.errs) == maxErrors {
		r.missed++
		return
	}
	r.errs = append(r.errs, fmt.Errorf("%s: %s", r.place(at), fmt.Sprintf(format, args...)))
}

// place returns the place of a node, such as "prices.yaml:12".
func (r *reader) place(at *yaml.Node) string { return fmt.Sprintf("%s:%d", r.name, at.Line) }

func (r *reader) err() error {
	errs := r.errs
	if r.missed > 0 {
		errs = append(errs, fmt.Errorf("and %d more errors", r.missed))
	}
	return errors.Join(errs...)
}

// file returns the prices of a file.
func (r *reader) file(root *yaml.Node) []pricing.Price {
	top := r.mapping(root, "the file", []string{"prices"})
	list := top["prices"]
	switch {
	case len(r.errs) > 0:
		return nil
	case list == nil:
		r.fail(root, "the file has no key prices: add it, with a list of prices")
		return nil
	case list.Kind != yaml.SequenceNode || list.Anchor != "":
		r.fail(list, "prices is %s: use a list of prices", kind(list))
		return nil
	case len(list.Content) == 0:
		r.fail(list, "prices is an empty list: add a price")
		return nil
	}
	prices := make([]pricing.Price, 0, len(list.Content))
	for _, node := range list.Content {
		prices = append(prices, r.price(node))
	}
	return prices
}

// price returns a price.
func (r *reader) price(node *yaml.Node) pricing.Price {
	before := len(r.errs)
	values := r.mapping(node, "a price", keys())
	if len(r.errs) > before {
		return pricing.Price{}
	}
	text := make(map[string]string, len(values))
	for key, value := range values {
		if value.Kind != yaml.ScalarNode || value.Anchor != "" {
			r.fail(value, "%s is %s: use a value", key, kind(value))
			return pricing.Price{}
		}
		if value.Tag == "!!null" || strings.TrimSpace(value.Value) == "" {
			r.fail(value, "%s is empty: add a value, or remove it if it is optional", key)
			return pricing.Price{}
		}
		text[key] = value.Value
	}
	for _, key := range keys()[:required] {
		if text[key] == "" {
			r.fail(node, "a price has no %s: add it", key)
			return pricing.Price{}
		}
	}
	p := pricing.Price{
		Provider: text[keyProvider], Model: text[keyModel], Unit: pricing.Unit(text[keyUnit]),
		Price: text[keyPrice], Currency: text[keyCurrency], Source: r.place(node),
	}
	p.ValidFrom = parsed(r, values, keyValidFrom, parseTime, "use a day such as 2026-01-01 or a time such as 2026-01-01T00:00:00Z")
	p.ValidUntil = parsed(r, values, keyValidUntil, parseTime, "use a day such as 2026-01-01 or a time such as 2026-01-01T00:00:00Z")
	p.Per = parsed(r, values, keyPer, parsePer, "use a whole number from 1, such as 1000000")
	p.RoundUp = parsed(r, values, keyRoundUp, parseDuration, "use a duration above 0, such as 15s")
	p.Minimum = parsed(r, values, keyMinimum, parseDuration, "use a duration above 0, such as 10s")
	return p
}

// parsed returns a value that is optional, or the zero value.
func parsed[T any](r *reader, values map[string]*yaml.Node, key string, parse func(string) (T, error), remedy string) (v T) {
	node := values[key]
	if node == nil {
		return v
	}
	v, err := parse(node.Value)
	if err != nil {
		r.fail(node, "%s %q is not valid: %s", key, node.Value, remedy)
	}
	return v
}

func parseTime(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err == nil && at.IsZero() {
		err = errors.New("the zero time")
	}
	return at, err
}

func parsePer(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n < 1 {
		err = strconv.ErrRange
	}
	return n, err
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d <= 0 {
		err = strconv.ErrRange
	}
	return d, err
}

// mapping returns the values of a mapping by their keys, which are some of the allowed ones.
func (r *reader) mapping(node *yaml.Node, what string, allowed []string) map[string]*yaml.Node {
	if node.Kind != yaml.MappingNode || node.Anchor != "" {
		r.fail(node, "%s is %s: use a mapping with the keys %s", what, kind(node), strings.Join(allowed, ", "))
		return nil
	}
	values := make(map[string]*yaml.Node, len(allowed))
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case !slices.Contains(allowed, key.Value) || key.Kind != yaml.ScalarNode:
			r.fail(key, "key %q is unknown: use %s", key.Value, strings.Join(allowed, ", "))
		case values[key.Value] != nil:
			r.fail(key, "key %s is there twice: remove one", key.Value)
		default:
			values[key.Value] = value
		}
	}
	return values
}

// kind names what a node is.
func kind(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.AliasNode, node.Anchor != "":
		return "an anchor or an alias of YAML"
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!null":
		return "empty"
	}
	return fmt.Sprintf("the value %.40q", node.Value)
}
