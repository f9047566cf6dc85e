package dev.millrace.source;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;

/** A queue whose failures a test writes; it records the batches that it is asked for. */
final class ScriptedSqs implements SqsClient {
    /** The receipts of each delete call that arrived. */
    final List<List<String>> deletes = new ArrayList<>();

    /** The entries of each visibility call that arrived. */
    final List<List<ChangeMessageVisibilityBatchRequestEntry>> changes = new ArrayList<>();

    /** Which receipts are refused. */
    Predicate<String> refuses = _ -> false;

    /** Calls that are to fail as a whole. */
    int failingCalls;

    /** Runs while a visibility call is on its way. */
    Runnable duringChange = () -> {};

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        failIfWanted();
        deletes.add(
                request.entries().stream()
                        .map(DeleteMessageBatchRequestEntry::receiptHandle)
                        .toList());
        List<DeleteMessageBatchResultEntry> successful = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (DeleteMessageBatchRequestEntry entry : request.entries()) {
            if (refuses.test(entry.receiptHandle())) {
                failed.add(refusal(entry.id()));
            } else {
                successful.add(DeleteMessageBatchResultEntry.builder().id(entry.id()).build());
            }
        }
        return DeleteMessageBatchResponse.builder().successful(successful).failed(failed).build();
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        failIfWanted();
        changes.add(request.entries());
        duringChange.run();
        List<ChangeMessageVisibilityBatchResultEntry> successful = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (ChangeMessageVisibilityBatchRequestEntry entry : request.entries()) {
            if (refuses.test(entry.receiptHandle())) {
                failed.add(refusal(entry.id()));
            } else {
                successful.add(
                        ChangeMessageVisibilityBatchResultEntry.builder().id(entry.id()).build());
            }
        }
        return ChangeMessageVisibilityBatchResponse.builder()
                .successful(successful)
                .failed(failed)
                .build();
    }

    private void failIfWanted() {
        if (failingCalls > 0) {
            failingCalls--;
            throw SdkClientException.create("scripted failure of the call");
        }
    }

    private static BatchResultErrorEntry refusal(String id) {
        return BatchResultErrorEntry.builder().id(id).code("Scripted").message("refused").build();
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
