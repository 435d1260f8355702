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
	"github.com/voice-agents/telemetry/internal/settings"
)

// Queue is the settings of a batch processor. Interval and ExportTimeout that are zero are left
// to the SDK: its own variable for each, or its default.
type Queue struct {
	// Interval is the time between two batches, or between two reads.
	Interval time.Duration
	// ExportTimeout bounds one export.
	ExportTimeout time.Duration
	// Size is how many records wait at most; 0 is 65,536, or with a processor of the SDK
	// 16,384. A Batch that is longer makes the default as long.
	Size int
	// Batch is how many are sent at once; 0 is 1,024. It is at most Size.
	Batch int
}

// maxQueue bounds the size of a queue. The SDK allocates it up front, some 600
// bytes for each log record: a slip of the keyboard must not take the machine's
// memory.
const maxQueue = 1 << 20

func readQueue(r *settings.Reader, prefix string) Queue {
	q := Queue{
		Interval:      readDuration(r, prefix+"SCHEDULE_DELAY"),
		ExportTimeout: readDuration(r, prefix+"EXPORT_TIMEOUT"),
		Size:          r.Int(prefix+"MAX_QUEUE_SIZE", 0, 1, maxQueue),
		Batch:         r.Int(prefix+"MAX_EXPORT_BATCH_SIZE", 0, 1, maxQueue),
	}
	size := q.Size
	if size == 0 {
		size = ownQueue // In the SDK's processors the queue is made as long as the batch.
	}
	if q.Batch > size {
		r.Fail(prefix+"MAX_EXPORT_BATCH_SIZE", strconv.Itoa(q.Batch), "at most "+strconv.Itoa(size)+", the size of the queue ("+prefix+"MAX_QUEUE_SIZE)")
	}
	return q
}

// readSpool reads where requests wait.
func readSpool(r *settings.Reader) (cfg spool.Config) {
	cfg.Dir, _ = r.String("OTELVOICE_SPOOL_DIR")
	cfg.MaxBytes = int64(r.Int("OTELVOICE_SPOOL_MAX_BYTES", 0, 1<<20, math.MaxInt))
	cfg.MaxAge = readDuration(r, "OTELVOICE_SPOOL_MAX_AGE")
	return cfg
}

// forBursts returns the queue for the SDK's processors. Without a size of its own it takes a
// burst of a hundred thousand records in a second: a batch takes a millisecond or two to be
// handed over, and the SDK's default of 2,048 loses three quarters of such a burst meanwhile.
func (q Queue) forBursts() Queue {
	if q.Size == 0 {
		q.Size = max(burstQueue, q.Batch)
	}
	return q.clamped()
}

// own returns the queue for records that are encoded when they are made. They take no more
// memory than they have bytes, so that the default is longer.
func (q Queue) own() Queue {
	if q.Size == 0 {
		q.Size = max(ownQueue, q.Batch)
	}
	return q.clamped()
}

// clamped returns the queue with a batch that it can hold: one that is longer would never be
// full, and what comes after a full queue is lost.
func (q Queue) clamped() Queue {
	if q.Batch == 0 {
		q.Batch = defaultBatch
	}
	q.Batch = min(q.Batch, q.Size)
	return q
}

const (
	burstQueue   = 16384
	ownQueue     = 64 << 10
	defaultBatch = 1024
)

// readDuration reads a duration that must not be 0: as an interval it keeps a
// core busy, and as a timeout it means none to some of the SDK and the default
// to the rest.
func readDuration(r *settings.Reader, name string) time.Duration {
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
