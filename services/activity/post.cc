#include "services/activity/post.h"

#include <algorithm>

#include "libs/record/image.h"

namespace crm::activity {
namespace {

using shard::Refusal;
using v1::Post;

constexpr int kMostComments = 500;
constexpr int kMostLikes = 5'000;

template <class Response>
Response Answer(const Post& post, shard::Transaction& tx) {
  Response response;
  response.set_name(post.name());
  response.set_etag(tx.Get<Post>(post.name())->etag());
  return response;
}

}  // namespace

shard::Refusable<v1::CommentOnPostResponse> CommentOnPost(const v1::CommentOnPostRequest& request,
                                                          shard::Transaction& tx) {
  auto post = tx.Get<Post>(request.name(), request.etag());
  if (!post) return post.refusal();
  if (post->comments_size() >= kMostComments) return Refusal(v1::POST_TOO_MANY_COMMENTS);
  Post::Comment& comment = *post->add_comments();
  comment.set_text(request.text());
  comment.set_user(tx.principal().user);
  comment.mutable_time()->ParseFromString(record::TimestampBytes(tx.time()));
  if (auto refusal = tx.Put(*post)) return *refusal;
  auto response = Answer<v1::CommentOnPostResponse>(*post, tx);
  response.set_comments(post->comments_size());
  return response;
}

shard::Refusable<v1::LikePostResponse> LikePost(const v1::LikePostRequest& request,
                                                shard::Transaction& tx) {
  auto post = tx.Get<Post>(request.name(), request.etag());
  if (!post) return post.refusal();
  const std::string& user = tx.principal().user;
  if (std::find(post->likes().begin(), post->likes().end(), user) == post->likes().end()) {
    if (post->likes_size() >= kMostLikes) return Refusal(v1::POST_TOO_MANY_LIKES);
    post->add_likes(user);
    if (auto refusal = tx.Put(*post)) return *refusal;
  }
  auto response = Answer<v1::LikePostResponse>(*post, tx);
  response.set_likes(post->likes_size());
  return response;
}

shard::Refusable<v1::UnlikePostResponse> UnlikePost(const v1::UnlikePostRequest& request,
                                                    shard::Transaction& tx) {
  auto post = tx.Get<Post>(request.name(), request.etag());
  if (!post) return post.refusal();
  auto& likes = *post->mutable_likes();
  likes.erase(std::remove(likes.begin(), likes.end(), tx.principal().user), likes.end());
  if (auto refusal = tx.Put(*post)) return *refusal;
  auto response = Answer<v1::UnlikePostResponse>(*post, tx);
  response.set_likes(post->likes_size());
  return response;
}

}  // namespace crm::activity
