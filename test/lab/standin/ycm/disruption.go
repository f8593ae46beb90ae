package main

import (
	"time"

	"yurt-ssh-standin/internal/logs"
)

// handleDisruption slows tainting in zones in trouble, and stops it when no zone has a Ready node: then it is
// likelier that the controller is cut off than that every node died.
func (c *controller) handleDisruption(counts map[string]*[2]int, now time.Time) {
	states, allNow, allBefore := map[string]zoneState{}, true, true
	for name, count := range counts {
		states[name] = stateOf(count[0], count[1], c.opts.zoneTrouble)
		allNow = allNow && states[name] == zoneFull
	}
	for name, z := range c.zones {
		if counts[name] == nil {
			delete(c.zones, name)
			continue
		}
		allBefore = allBefore && z.state == zoneFull
	}
	switch {
	case allNow && allBefore:
	case allNow:
		logs.Infof("no node is Ready: evictions stop")
		for _, n := range c.sortedNodes() {
			c.markReachable(n)
		}
		for _, z := range c.zones {
			z.state = zoneFull
			z.setRate(0, now)
		}
	case allBefore:
		logs.Infof("some nodes are Ready again: evictions may go on")
		for _, r := range c.records {
			r.probe = now
		}
		c.enterStates(states, counts, now)
	default:
		c.enterStates(states, counts, now)
	}
}

func (c *controller) enterStates(states map[string]zoneState, counts map[string]*[2]int, now time.Time) {
	for name, z := range c.zones {
		if z.state == states[name] {
			continue
		}
		z.state = states[name]
		rate := c.opts.evictionRate
		if z.state == zonePartial {
			rate = 0
			if counts[name][0]+counts[name][1] > c.opts.largeCluster {
				rate = c.opts.secondaryRate
			}
		}
		z.setRate(rate, now)
	}
}
