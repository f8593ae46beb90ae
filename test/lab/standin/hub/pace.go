package main

import (
	"os"
	"strconv"
	"time"
)

// pace is how long a start takes. The real hub waits 30 s before its first request and then looks every 5 s, so
// that a first start takes 40 s; LAB_HUB_FIRST_START_SECONDS=40 gives exactly that.
type pace struct {
	beforeFirstRequest time.Duration
	poll               time.Duration
	giveUp             time.Duration
	restart            time.Duration
}

func firstStart() pace {
	seconds, err := strconv.ParseFloat(os.Getenv("LAB_HUB_FIRST_START_SECONDS"), 64)
	if err != nil || seconds <= 0 {
		seconds = 3
	}
	return paceFor(time.Duration(seconds * float64(time.Second)))
}

func paceFor(total time.Duration) pace {
	return pace{
		beforeFirstRequest: total * 3 / 4, poll: total / 8,
		giveUp: 4 * time.Minute, restart: 5 * time.Second,
	}
}
