/**
 * What a worker shows of itself: metrics, totals, the line about its load every minute, a timeline,
 * and the server that answers for its health. It reads what the stages count and changes nothing.
 */
package dev.millrace.observe;
