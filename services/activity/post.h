#pragma once

#include "crm/activity/v1/post.pb.h"
#include "libs/shard/transaction.h"

namespace crm::activity {

shard::Refusable<v1::CommentOnPostResponse> CommentOnPost(const v1::CommentOnPostRequest& request,
                                                          shard::Transaction& tx);
shard::Refusable<v1::LikePostResponse> LikePost(const v1::LikePostRequest& request,
                                                shard::Transaction& tx);
shard::Refusable<v1::UnlikePostResponse> UnlikePost(const v1::UnlikePostRequest& request,
                                                    shard::Transaction& tx);

}  // namespace crm::activity
