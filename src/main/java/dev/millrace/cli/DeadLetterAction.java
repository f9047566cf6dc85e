package dev.millrace.cli;

/** What {@code dead-letters} does with the messages that it looks at. */
enum DeadLetterAction {
    LIST("", ""),
    REDRIVE("sent back", ", sqs:DeleteMessage, and sqs:SendMessage to the queue"),
    DROP("dropped", ", sqs:DeleteMessage");

    /** What becomes of a message. */
    final String done;

    private final String actions;

    DeadLetterAction(String done, String actions) {
        this.done = done;
        this.actions = actions;
    }

    /** What it needs of IAM. */
    String actions() {
        return "sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:ChangeMessageVisibility" + actions;
    }
}
