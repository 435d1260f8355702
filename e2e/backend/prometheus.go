// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A Prometheus is a running Prometheus with the configuration and the rules of deploy/prometheus.
type Prometheus struct {
	*Process

	Host string // The address of the query API.
	url  string
}

// NewPrometheus starts a Prometheus on a free port. Its configuration cannot contain variables, so
// it is copied with the addresses of the test in place of the compose file's, and with scrapes every
// second in place of every 15 s. If Prometheus is not installed, the test is skipped.
func NewPrometheus(tb testing.TB, addresses ...string) *Prometheus {
	tb.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		tb.Skip("not run: Prometheus is not installed (Debian: apt-get install prometheus)")
	}
	dir := tb.TempDir()
	replace := strings.NewReplacer(append([]string{"_interval: 15s", "_interval: 1s"}, addresses...)...)
	for _, name := range []string{"prometheus.yml", "rules.yml"} {
		text, err := os.ReadFile(File(tb, "deploy", "prometheus", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(replace.Replace(string(text))), 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	listen := Free(tb)
	p := &Prometheus{Host: listen, url: "http://" + listen}
	p.Process = Start(tb, "Prometheus", program, []string{
		"--config.file", filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path", filepath.Join(dir, "data"),
		"--web.listen-address", listen, "--enable-feature=exemplar-storage", "--log.level=warn",
	}, nil, Answers(tb, p.url+"/-/ready"))
	return p
}

// A Sample is one value of a query's result.
type Sample struct {
	Labels map[string]string
	Value  float64
}

// Query evaluates a query now.
func (p *Prometheus) Query(ctx context.Context, query string) ([]Sample, error) {
	answer, err := getJSON[struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}](ctx, p.url+"/api/v1/query?query="+url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	samples := make([]Sample, 0, len(answer.Data.Result))
	for _, r := range answer.Data.Result {
		v, err := strconv.ParseFloat(fmt.Sprint(r.Value[1]), 64)
		if err != nil {
			return nil, fmt.Errorf("read a sample of %s: %w", query, err)
		}
		samples = append(samples, Sample{r.Metric, v})
	}
	return samples, nil
}

// Value evaluates a query with one result. It returns false for none or several.
func (p *Prometheus) Value(ctx context.Context, query string) (float64, bool) {
	samples, err := p.Query(ctx, query)
	if err != nil || len(samples) != 1 {
		return 0, false
	}
	return samples[0].Value, true
}

// Exemplars returns the trace IDs of a metric's exemplars.
func (p *Prometheus) Exemplars(ctx context.Context, metric string) ([]string, error) {
	answer, err := getJSON[struct {
		Data []struct {
			Exemplars []struct{ Labels map[string]string }
		}
	}](ctx, p.url+"/api/v1/query_exemplars?start=0&end=99999999999&query="+url.QueryEscape(metric))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, series := range answer.Data {
		for _, e := range series.Exemplars {
			ids = append(ids, e.Labels["trace_id"])
		}
	}
	return ids, nil
}

// Alerts returns the names of the rules, and the state of each that is pending or firing.
func (p *Prometheus) Alerts(ctx context.Context) (map[string]string, error) {
	answer, err := getJSON[struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, State, Type, Health string }
			}
		}
	}](ctx, p.url+"/api/v1/rules")
	if err != nil {
		return nil, err
	}
	states := make(map[string]string)
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Type == "alerting" {
				states[r.Name] = r.State
			}
			if r.Health == "err" {
				return nil, fmt.Errorf("rule %s cannot be evaluated", r.Name)
			}
		}
	}
	return states, nil
}
