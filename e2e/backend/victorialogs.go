// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
)

// A VictoriaLogs is a running VictoriaLogs with the arguments of docker-compose.otel.yml.
type VictoriaLogs struct {
	*Process

	OTLP string // The URL for OTLP over HTTP. Exporters append /v1/logs.
	Host string // The address of the query API.
	url  string
}

// VictoriaLogsArguments returns the arguments of the compose file for a data directory and an address.
func VictoriaLogsArguments(data, listen string) []string {
	return []string{"-storageDataPath=" + data, "-httpListenAddr=" + listen, "-retentionPeriod=7d", "-memory.allowedBytes=512MB"}
}

// NewVictoriaLogs starts a VictoriaLogs on a free port.
func NewVictoriaLogs(tb testing.TB) *VictoriaLogs {
	tb.Helper()
	listen := Free(tb)
	v := &VictoriaLogs{OTLP: "http://" + listen + "/insert/opentelemetry", Host: listen, url: "http://" + listen}
	v.Process = Start(tb, "VictoriaLogs", Tool(tb, "victorialogs", "victoria-logs"), VictoriaLogsArguments(tb.TempDir(), listen), nil,
		Answers(tb, v.url+"/health"))
	return v
}

// A Record is a log record as VictoriaLogs returns it: the values of its fields, by name. It is also
// a row of a query that computes statistics.
type Record map[string]string

// Logs returns the records that a LogsQL query selects. A new record can be queried about a second
// after VictoriaLogs has accepted it.
func (v *VictoriaLogs) Logs(ctx context.Context, query string) (records []Record, err error) {
	body, err := Get(ctx, v.url+"/select/logsql/query?query="+url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(body) {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("query %s: %w", query, err)
		}
		records = append(records, r)
	}
	return records, nil
}

// Stats returns the rows of a LogsQL query that ends with statistics, as Grafana's data source asks for
// them. A row has the labels of its value, and the value as "value".
func (v *VictoriaLogs) Stats(ctx context.Context, query string) (rows []Record, err error) {
	answer, err := getJSON[struct {
		Data struct {
			Result []struct {
				Metric Record
				Value  [2]any
			}
		}
	}](ctx, v.url+"/select/logsql/stats_query?query="+url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	for _, r := range answer.Data.Result {
		r.Metric["value"] = fmt.Sprint(r.Value[1])
		rows = append(rows, r.Metric)
	}
	return rows, nil
}
