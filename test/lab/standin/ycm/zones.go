package main

import "time"

type zoneState int

const (
	zoneInitial zoneState = iota
	zoneNormal
	zonePartial
	zoneFull
)

// stateOf judges a zone by its nodes: full when none is Ready, partial when at least three and the threshold's part
// are not.
func stateOf(ready, silent int, threshold float64) zoneState {
	switch {
	case ready == 0 && silent > 0:
		return zoneFull
	case silent > 2 && float64(silent)/float64(silent+ready) >= threshold:
		return zonePartial
	}
	return zoneNormal
}

// zone is a queue of nodes that wait for their NoExecute taint, at a limited rate.
type zone struct {
	state zoneState
	queue []string
	rate  float64
	// credit is the token bucket of one token, filled at rate.
	credit float64
	filled time.Time
}

func newZone(rate float64, now time.Time) *zone {
	return &zone{state: zoneInitial, rate: rate, credit: 1, filled: now}
}

func (z *zone) fill(now time.Time) {
	z.credit += now.Sub(z.filled).Seconds() * z.rate
	if z.credit > 1 {
		z.credit = 1
	}
	z.filled = now
}

// setRate changes the rate. The new bucket starts full only when the old one was.
func (z *zone) setRate(rate float64, now time.Time) {
	z.fill(now)
	if z.rate == rate {
		return
	}
	if z.rate == 0 || z.credit < 1 {
		z.credit = 0
	}
	z.rate = rate
}

// take returns the next node to taint, "" when none waits or the rate does not allow it yet.
func (z *zone) take(now time.Time) string {
	z.fill(now)
	if len(z.queue) == 0 || z.rate == 0 || z.credit < 1 {
		return ""
	}
	name := z.queue[0]
	z.queue, z.credit = z.queue[1:], z.credit-1
	return name
}

// enqueue puts the node last, wherever it stood.
func (z *zone) enqueue(name string) {
	z.dequeue(name)
	z.queue = append(z.queue, name)
}

func (z *zone) dequeue(name string) {
	for i, waiting := range z.queue {
		if waiting == name {
			z.queue = append(z.queue[:i:i], z.queue[i+1:]...)
			return
		}
	}
}
