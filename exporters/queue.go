// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"math"
	"strconv"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/environ"
)

// Queue is the settings of a batch processor. Fields that are zero are left to
// the SDK: its own variable for each, or its default.
type Queue struct {
	// Interval is the time between two batches, or between two reads.
	Interval time.Duration
	// ExportTimeout bounds one export.
	ExportTimeout time.Duration
	// Size is how many records wait at the most.
	Size int
	// Batch is how many are sent at once.
	Batch int
}

// maxQueue bounds the size of a queue. The SDK allocates it up front, some 600
// bytes for each log record: a slip of the keyboard must not take the machine's
// memory.
const maxQueue = 1 << 20

func readQueue(r *environ.Reader, prefix string) Queue {
	q := Queue{
		Interval:      readDuration(r, prefix+"SCHEDULE_DELAY"),
		ExportTimeout: readDuration(r, prefix+"EXPORT_TIMEOUT"),
		Size:          r.Int(prefix+"MAX_QUEUE_SIZE", 0, 1, maxQueue),
		Batch:         r.Int(prefix+"MAX_EXPORT_BATCH_SIZE", 0, 1, maxQueue),
	}
	size := q.Size
	if size == 0 {
		size = sdktrace.DefaultMaxQueueSize // The specification's, and so that of logs.
	}
	if q.Batch > size {
		r.Fail(prefix+"MAX_EXPORT_BATCH_SIZE", strconv.Itoa(q.Batch), "at most "+strconv.Itoa(size)+", the size of the queue")
	}
	return q
}

// readSpool reads where requests wait.
func readSpool(r *environ.Reader) (cfg spool.Config) {
	cfg.Dir, _ = r.String("OTELVOICE_SPOOL_DIR")
	cfg.MaxBytes = int64(r.Int("OTELVOICE_SPOOL_MAX_BYTES", 0, 1<<20, math.MaxInt))
	cfg.MaxAge = readDuration(r, "OTELVOICE_SPOOL_MAX_AGE")
	return cfg
}

// forBursts is the queue with what nobody has said set so that a burst of a hundred
// thousand records in a second passes: as long as the queue does not wait for the network,
// a batch takes a millisecond or two, and what comes meanwhile has to find room. The SDK's
// own 2,048 lose three quarters of such a burst.
func (q Queue) forBursts() Queue {
	if q.Size == 0 {
		q.Size = max(burstQueue, q.Batch)
	}
	if q.Batch == 0 {
		q.Batch = min(burstBatch, q.Size)
	}
	return q
}

const (
	burstQueue = 16384
	burstBatch = 1024
)

// readDuration reads a duration that must not be 0: as an interval it keeps a
// core busy, and as a timeout it means none to some of the SDK and the default
// to the rest.
func readDuration(r *environ.Reader, name string) time.Duration {
	d := r.Milliseconds(name, -1)
	if d == 0 {
		value, _ := r.String(name)
		r.Fail(name, value, "a whole number of milliseconds, at least 1")
	}
	return max(d, 0)
}

func (q Queue) spanOptions() (opts []sdktrace.BatchSpanProcessorOption) {
	if q.Interval > 0 {
		opts = append(opts, sdktrace.WithBatchTimeout(q.Interval))
	}
	if q.ExportTimeout > 0 {
		opts = append(opts, sdktrace.WithExportTimeout(q.ExportTimeout))
	}
	if q.Size > 0 {
		opts = append(opts, sdktrace.WithMaxQueueSize(q.Size))
	}
	if q.Batch > 0 {
		opts = append(opts, sdktrace.WithMaxExportBatchSize(q.Batch))
	}
	return opts
}

func (q Queue) logOptions() (opts []sdklog.BatchProcessorOption) {
	if q.Interval > 0 {
		opts = append(opts, sdklog.WithExportInterval(q.Interval))
	}
	if q.ExportTimeout > 0 {
		opts = append(opts, sdklog.WithExportTimeout(q.ExportTimeout))
	}
	if q.Size > 0 {
		opts = append(opts, sdklog.WithMaxQueueSize(q.Size))
	}
	if q.Batch > 0 {
		opts = append(opts, sdklog.WithExportMaxBatchSize(q.Batch))
	}
	return opts
}

func (q Queue) readerOptions() (opts []sdkmetric.PeriodicReaderOption) {
	if q.Interval > 0 {
		opts = append(opts, sdkmetric.WithInterval(q.Interval))
	}
	if q.ExportTimeout > 0 {
		opts = append(opts, sdkmetric.WithTimeout(q.ExportTimeout))
	}
	return opts
}
